using System.Net;
using OrleansCdn.Contracts.Control;
using Xunit.Abstractions;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>Random ranges of objects that change and are purged, in very little memory, against what the bytes must be.</summary>
public sealed class RangeModelTests(ITestOutputHelper output)
{
    private const int Steps = 120;
    private const int AtOnce = 4;
    private const int MiB = 1024 * 1024;

    [Theory]
    [InlineData(8 * MiB)]
    [InlineData(64 * MiB)]
    public async Task Every_answer_is_of_one_version_and_byte_for_byte_right(long memory)
    {
        int seed = Environment.GetEnvironmentVariable("CDN_SEED") is { } given ? int.Parse(given, null) : Environment.ProcessId;
        output.WriteLine($"CDN_SEED={seed}");
        var random = new Random(seed);
        var model = new Model(random);
        await using TestOrigin origin = await TestOrigin.StartAsync(context => model.Of(context.Request.Path).AnswerAsync(context));
        await using TestEdge edge = await TestEdge.StartAsync(origin, memoryBytes: memory);
        int answered = 0, aborted = 0;
        for (int step = 0; step < Steps; step++)
        {
            model.Disturb(edge);
            (string Path, string? Range)[] asks = [.. Enumerable.Range(0, AtOnce).Select(_ => model.Ask())];
            bool[] isWhole = await Task.WhenAll(asks.Select(async ask =>
            {
                (string, string)[] headers = ask.Range is null ? [] : [("Range", ask.Range)];
                using HttpResponseMessage answer = await edge.GetAsync(ask.Path, headers);
                try
                {
                    model.Check(ask.Path, answer, await answer.Content.ReadAsByteArrayAsync());
                    return true;
                }
                catch (HttpRequestException) when (model.HasChanged(ask.Path))
                {
                    return false; // a change that no purge told of ends what was being sent
                }
            }));
            answered += isWhole.Count(whole => whole);
            aborted += isWhole.Count(whole => !whole);
            Assert.InRange(edge.Plane.Store.Bytes + edge.Plane.Store.InFlightBytes, 0, memory + MiB);
        }

        await edge.SettledAsync();
        output.WriteLine($"{answered} answers, {aborted} broken off by changes, {origin.Requests.Count} origin requests");
        Assert.InRange(aborted, 0, answered / 4);
    }

    private sealed class Model(Random random)
    {
        private static readonly int[] Lengths = [0, 1, 999, MiB - 1, MiB, MiB + 1, (3 * MiB) + 5, 6 * MiB];

        private readonly Lock _lock = new();
        private readonly List<SyntheticObject>[] _versions = [.. Lengths.Select(length => new List<SyntheticObject> { New(length, 0) })];
        private readonly int[] _oldest = new int[Lengths.Length];

        private static SyntheticObject New(int length, int version) => new(length, version * 7) { ETag = $"\"{version}\"" };

        public SyntheticObject Of(string path)
        {
            lock (_lock)
            {
                return _versions[int.Parse(path[1..], null)][^1];
            }
        }

        public bool HasChanged(string path) => _oldest[int.Parse(path[1..], null)] < _versions[int.Parse(path[1..], null)].Count - 1;

        /// <summary>Between questions: a change, a purge of either kind, or time.</summary>
        public void Disturb(TestEdge edge)
        {
            int index = random.Next(Lengths.Length);
            string url = $"http://{TestEdge.Host}/{index}";
            switch (random.Next(8))
            {
                case 0:
                    lock (_lock)
                    {
                        int length = Math.Max(0, Lengths[index] + random.Next(-5, 5));
                        _versions[index].Add(New(length, _versions[index].Count));
                    }

                    break;
                case 1:
                    edge.Purge(PurgeKind.Url, url);
                    _oldest[index] = _versions[index].Count - 1;
                    break;
                case 2:
                    edge.Purge(PurgeKind.Url, url, soft: true);
                    break;
                case 3:
                    edge.Time.Advance(TimeSpan.FromSeconds(25));
                    break;
                default:
                    break;
            }
        }

        public (string Path, string? Range) Ask()
        {
            int index = random.Next(Lengths.Length);
            int length = Math.Max(1, Lengths[index]);
            int first = random.Next(length), last = first + random.Next(random.Next(2) == 0 ? 100 : length);
            string? range = random.Next(9) switch
            {
                0 => null,
                1 => $"bytes={first}-",
                2 => $"bytes=-{random.Next(length)}",
                3 => $"bytes={length + random.Next(3 * MiB)}-",
                4 => $"bytes={last + 1000}-{last + 2000},{first}-{first + 10},-1",
                5 => string.Concat("bytes=", string.Join(',', Enumerable.Range(0, random.Next(1, 14)).Select(i => $"{i * 5000}-{(i * 5000) + random.Next(5000)}"))),
                _ => $"bytes={first}-{last}",
            };
            return ($"/{index}", range);
        }

        public void Check(string path, HttpResponseMessage answer, byte[] body)
        {
            if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                Assert.Empty(body);
                return;
            }

            int index = int.Parse(path[1..], null);
            Assert.True(answer.Headers.ETag is not null, $"{path}: {answer}");
            int version = int.Parse(answer.Headers.ETag!.Tag.Trim('"'), null);
            SyntheticObject truth = _versions[index][version];
            Assert.True(version >= _oldest[index], $"{path}: version {version} was purged, the oldest allowed is {_oldest[index]}");
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                Assert.True(body.AsSpan().SequenceEqual(truth.Bytes(0, truth.Length - 1)), $"{path} is not version {version}");
                return;
            }

            Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
            List<(long First, long Last, long Total, byte[] Bytes)> parts = answer.Content.Headers.ContentRange is { } range
                ? [(range.From!.Value, range.To!.Value, range.Length!.Value, body)]
                : MultipartBody.Read(answer.Content.Headers, body);
            foreach ((long first, long last, long total, byte[] bytes) in parts)
            {
                Assert.Equal(truth.Length, total);
                Assert.True(bytes.AsSpan().SequenceEqual(truth.Bytes(first, last)), $"{path} {first}-{last} is not of version {version}");
            }
        }
    }
}
