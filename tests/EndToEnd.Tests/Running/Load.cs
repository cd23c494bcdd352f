using System.Collections.Concurrent;
using System.Net;

namespace OrleansCdn.EndToEnd.Tests.Running;

/// <summary>Visitors at every PoP who ask without pause: for what is stored, and for what is not.</summary>
internal sealed class Load(RunningLab lab, string host)
{
    // Enough to have requests in flight at every moment; two cores share the lab and this test.
    private const int VisitorsPerPop = 4;

    private readonly ConcurrentDictionary<string, long> _done = new();
    private Task _visitors = Task.CompletedTask;
    private volatile bool _stopping;

    /// <summary>Whatever a visitor should never see, in words.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    public long Done => _done.Values.Sum();

    public void Start() => _visitors = Task.WhenAll(
        from pop in TestNetwork.Pops
        from visitor in Enumerable.Range(0, VisitorsPerPop)
        select Task.Run(() => VisitAsync(pop, visitor)));

    /// <summary>Until so many more requests have been answered at every PoP.</summary>
    public async Task UntilAnsweredAsync(int perPop)
    {
        Dictionary<string, long> before = TestNetwork.Pops.ToDictionary(p => p, DoneAt);
        await Wait.UntilAsync(
            $"{perPop} more requests at every PoP", () => !Errors.IsEmpty || TestNetwork.Pops.All(p => DoneAt(p) >= before[p] + perPop));
    }

    public async Task StopAsync()
    {
        _stopping = true;
        await _visitors;
    }

    private long DoneAt(string pop) => _done.GetValueOrDefault(pop);

    private async Task VisitAsync(string pop, int visitor)
    {
        for (int i = 0; !_stopping; i++)
        {
            // Every third is for something that nobody has asked for yet: a miss, which asks for a lease.
            string path = i % 3 == 0 ? $"/assets/{2000 + (visitor * 100_000) + i}.bin" : $"/assets/{1 + (i % 20)}k.bin";
            try
            {
                using HttpResponseMessage answer = await lab.GetAsync(pop, host, path);
                byte[] body = await answer.Content.ReadAsByteArrayAsync();
                if (answer.StatusCode != HttpStatusCode.OK)
                {
                    Errors.Enqueue($"{pop} {path}: {(int)answer.StatusCode} {answer.Headers}");
                }
                else
                {
                    new Content(path).Check(body);
                }
            }
            catch (Exception e)
            {
                Errors.Enqueue($"{pop} {path}: {e.Message}");
            }

            _done.AddOrUpdate(pop, 1, static (_, count) => count + 1);
        }
    }
}
