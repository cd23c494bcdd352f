using System.Text.Json;
using OrleansCdn.EndToEnd.Tests.Running;
using Xunit.Abstractions;

namespace OrleansCdn.EndToEnd.Tests;

[Collection(SharedLabCollection.Name)]
public sealed class ExplainTests(SharedLab shared, ITestOutputHelper output)
{
    private RunningLab Lab => shared.Lab;

    [Fact]
    public Task Each_pop_explains_a_url_before_and_after_it_is_stored_and_purged() => Lab.RunAsync(output, async () =>
    {
        const string Target = "/cached?max-age=600&tags=explained&explain=1";
        string url = $"http://{TestNetwork.PopHost}{Target}";
        foreach (string pop in TestNetwork.Pops)
        {
            Assert.Equal("Miss", (await ExplainAsync(pop, url)).GetProperty("verdict").GetString());
            await Lab.TextAsync(pop, TestNetwork.PopHost, Target);
            JsonElement stored = default;
            await Wait.UntilAsync("it is stored", async () => (stored = await ExplainAsync(pop, url)).GetProperty("verdict").GetString() == "Fresh");
            Assert.Equal("pop", stored.GetProperty("site").GetString());
            JsonElement variant = stored.GetProperty("variants")[0];
            Assert.Equal((600, "MaxAge"), (variant.GetProperty("lifetimeSeconds").GetDouble(), variant.GetProperty("lifetimeSource").GetString()));
            Assert.Equal("explained", variant.GetProperty("tags")[0].GetString());
        }

        (await Lab.CdnAsync("purge", "--site", "pop", "--prefix", $"{TestNetwork.PopHost}/cached?max-age=600&tags=explained", "--wait")).Expect(0);
        foreach (string pop in TestNetwork.Pops)
        {
            JsonElement purged = await ExplainAsync(pop, url);
            Assert.Equal("Miss", purged.GetProperty("verdict").GetString());
            if (purged.GetProperty("variantCount").GetInt32() == 1 && purged.GetProperty("variants")[0].TryGetProperty("purge", out JsonElement purge))
            {
                // Until the sweeper has been there.
                Assert.Equal("Prefix", purge.TryGetProperty("kind", out JsonElement kind) ? kind.GetString() : "Prefix");
            }
        }
    });

    [Fact]
    public Task People_get_a_page_and_an_unknown_pop_is_refused() => Lab.RunAsync(output, async () =>
    {
        CdnRun page = (await Lab.CdnAsync("explain", $"http://{TestNetwork.PopHost}/cached?max-age=5&page=1", "--pop", "waw", "--header", "Accept-Encoding: gzip")).Expect(0);
        Assert.StartsWith("waw/waw1: miss\n  site         pop\n", page.Out, StringComparison.Ordinal);
        CdnRun refused = (await Lab.CdnAsync("explain", "http://pop.test/", "--pop", "ams")).Expect(1);
        Assert.Contains("'waw'", refused.Error, StringComparison.Ordinal);
    });

    private async Task<JsonElement> ExplainAsync(string pop, string url)
    {
        CdnRun run = (await Lab.CdnAsync("explain", url, "--pop", pop, "--json")).Expect(0);
        JsonElement edge = run.Json.GetProperty("edges")[0];
        Assert.Equal("Answered", edge.GetProperty("outcome").GetString());
        return edge.GetProperty("explanation");
    }
}
