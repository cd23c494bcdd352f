using System.Text.Json;
using OrleansCdn.EndToEnd.Tests.Running;
using Xunit.Abstractions;

namespace OrleansCdn.EndToEnd.Tests;

/// <summary>From the command to every edge's own view; what resolvers see of it is in <see cref="DnsTests"/>.</summary>
[Collection(SharedLabCollection.Name)]
public sealed class DrainTests(SharedLab shared, ITestOutputHelper output)
{
    private RunningLab Lab => shared.Lab;

    [Fact]
    public Task A_drain_that_is_waited_for_is_in_force_at_the_edges_of_all_pops() => Lab.RunAsync(output, async () =>
    {
        JsonElement drained = (await Lab.CdnAsync("drain", "lax", "--reason", "new disks", "--wait", "--json")).Expect(0).Json;
        long epoch = drained.GetProperty("epoch").GetInt64();
        try
        {
            Assert.Equal("Draining", drained.GetProperty("drain").GetProperty("state").GetString());
            JsonElement[] edges = [.. drained.GetProperty("pops").EnumerateArray().SelectMany(pop => pop.GetProperty("edges").EnumerateArray())];
            Assert.Equal(TestNetwork.Pops.Length, edges.Length);
            Assert.All(edges, edge => Assert.True(edge.GetProperty("confirmed").GetBoolean()));
            foreach (JsonElement view in await ViewsAsync())
            {
                Assert.Equal(epoch, view.GetProperty("epoch").GetInt64());
                JsonElement lax = view.GetProperty("pops").EnumerateArray().Single(pop => pop.GetProperty("pop").GetString() == "lax");
                Assert.Equal(("Draining", "new disks"), (lax.GetProperty("state").GetString(), lax.GetProperty("detail").GetString()));
            }

            string status = (await Lab.CdnAsync("status")).Expect(0).Out;
            Assert.Contains("lax: draining", status, StringComparison.Ordinal);
            Assert.Contains("drain lax", (await Lab.CdnAsync("audit")).Expect(0).Out, StringComparison.Ordinal);
            Assert.Contains("'nowhere'", (await Lab.CdnAsync("drain", "nowhere")).Expect(1).Error, StringComparison.Ordinal);
        }
        finally
        {
            (await Lab.CdnAsync("undrain", "lax", "--wait")).Expect(0);
        }

        Assert.All(await ViewsAsync(), view => Assert.True(view.GetProperty("epoch").GetInt64() > epoch));
        Assert.DoesNotContain("draining", (await Lab.CdnAsync("status")).Expect(0).Out, StringComparison.Ordinal);
    });

    /// <summary>What each edge's admin page says.</summary>
    private async Task<JsonElement[]> ViewsAsync()
    {
        IEnumerable<string> admins = (await Lab.StatusAsync()).GetProperty("pops").EnumerateArray()
            .SelectMany(pop => pop.GetProperty("edges").EnumerateArray())
            .Select(edge => edge.GetProperty("addresses").GetProperty("admin").GetString()!);
        return await Task.WhenAll(admins.Select(async admin =>
            JsonDocument.Parse(await Lab.Http.GetStringAsync(new Uri(new Uri(admin), "/status"))).RootElement.GetProperty("eligibility")));
    }
}
