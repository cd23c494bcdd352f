using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace OrleansCdn.Bench.Purge;

/// <summary>Purges over the API of a running lab: how long until every edge has applied one, and how many become durable in a second.</summary>
internal static class ClusterCost
{
    private const int Clients = 16;

    private static readonly TimeSpan Sustained = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(string readyFile, int purges)
    {
        JsonElement ready = JsonDocument.Parse(await File.ReadAllTextAsync(readyFile)).RootElement;
        using var client = new HttpClient { BaseAddress = new Uri(ready.GetProperty("api").GetString()!) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ready.GetProperty("token").GetString());

        double[] milliseconds = new double[purges];
        for (int i = 0; i < purges; i++)
        {
            long start = TimeProvider.System.GetTimestamp();
            JsonElement reply = await PurgeAsync(client, $"bench-{i}", wait: true);
            milliseconds[i] = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
            if (reply.GetProperty("state").GetString() != "Done")
            {
                throw new InvalidOperationException($"purge {i} is not done: {reply}");
            }
        }

        Array.Sort(milliseconds);
        Console.WriteLine(FormattableString.Invariant(
            $"{purges:N0} purges one after the other, each until all edges had it: p50 {Quantile(milliseconds, 0.5):F1} ms, p99 {Quantile(milliseconds, 0.99):F1} ms, longest {milliseconds[^1]:F1} ms"));

        long count = 0;
        long begin = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async c =>
        {
            for (int i = 0; TimeProvider.System.GetElapsedTime(begin) < Sustained; i++)
            {
                await PurgeAsync(client, $"bench-{c}-{i}", wait: false);
                Interlocked.Increment(ref count);
            }
        }));
        Console.WriteLine(FormattableString.Invariant($"{Clients} clients: {count / TimeProvider.System.GetElapsedTime(begin).TotalSeconds:F0} durable purges a second"));
    }

    private static async Task<JsonElement> PurgeAsync(HttpClient client, string tag, bool wait)
    {
        using HttpResponseMessage response = await client.PostAsJsonAsync("/v1/purges", new { site = "www", kind = "Tag", values = new[] { tag }, wait, deadlineMs = wait ? 10_000 : (int?)null });
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    public static double Quantile(double[] sorted, double q) => sorted[(int)Math.Min(sorted.Length - 1, q * sorted.Length)];
}
