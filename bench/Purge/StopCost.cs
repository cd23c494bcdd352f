using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace OrleansCdn.Bench.Purge;

/// <summary>How long after a purge is sent an edge of a running lab still serves what it covers, and when the purge is known to be durable.</summary>
internal static class StopCost
{
    private static readonly string[] Tag = ["stop"];

    public static async Task RunAsync(string readyFile, int purges)
    {
        JsonElement ready = JsonDocument.Parse(await File.ReadAllTextAsync(readyFile)).RootElement;
        using var api = new HttpClient { BaseAddress = new Uri(ready.GetProperty("api").GetString()!) };
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ready.GetProperty("token").GetString());
        JsonElement edge = ready.GetProperty("pops").EnumerateObject().First().Value;
        using var visitor = new HttpClient { BaseAddress = new Uri("http://" + edge.GetProperty("http").GetString()) };
        visitor.DefaultRequestHeaders.Host = ready.GetProperty("site").GetString();

        double[] stopped = new double[purges];
        double[] durable = new double[purges];
        for (int i = 0; i < purges; i++)
        {
            // A purge that came ahead of the log comes again with it: only then is what was fetched kept.
            while (!await IsHitAsync(visitor) || !await IsHitAsync(visitor))
            {
            }

            long start = TimeProvider.System.GetTimestamp();
            Task<HttpResponseMessage> purge = api.PostAsJsonAsync("/v1/purges", new { site = "www", kind = "Tag", values = Tag });
            Task answered = purge.ContinueWith(
                _ => durable[i] = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds, TaskContinuationOptions.ExecuteSynchronously);
            long asked;
            do
            {
                asked = TimeProvider.System.GetTimestamp();
            }
            while (await IsHitAsync(visitor));
            stopped[i] = TimeProvider.System.GetElapsedTime(start, asked).TotalMilliseconds;
            await answered;
            (await purge).EnsureSuccessStatusCode().Dispose();
        }

        Array.Sort(stopped);
        Array.Sort(durable);
        Console.WriteLine(FormattableString.Invariant(
            $"{purges:N0} purges: last hit begun before p50 {ClusterCost.Quantile(stopped, 0.5):F1} ms, p99 {ClusterCost.Quantile(stopped, 0.99):F1} ms; durable p50 {ClusterCost.Quantile(durable, 0.5):F1} ms, p99 {ClusterCost.Quantile(durable, 0.99):F1} ms"));
    }

    private static async Task<bool> IsHitAsync(HttpClient visitor)
    {
        using HttpResponseMessage answer = await visitor.GetAsync("/cached?max-age=3600&tags=stop");
        return string.Join(", ", answer.EnsureSuccessStatusCode().Headers.GetValues("Cache-Status")).Contains("hit", StringComparison.Ordinal);
    }
}
