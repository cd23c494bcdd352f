using OrleansCdn.Contracts.Control;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Properties;

/// <summary>What a run has come through, so that a run that proves nothing is seen.</summary>
internal sealed class Coverage
{
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);

    public int this[string what] => _counts.GetValueOrDefault(what);

    public void Add(string what) => _counts[what] = this[what] + 1;

    public override string ToString() => string.Join(", ", _counts.Select(c => $"{c.Key} {c.Value}"));
}

/// <summary>One episode: an edge, its origin, a few resources of two sites, and random events, each judged as it happens.</summary>
internal sealed class World : IDisposable
{
    /// <summary>Seconds between a soft purge and its being noticed: the sweeper's interval.</summary>
    public const double SoftPurgeSlack = 10;

    public static readonly ModelKey[] Keys =
    [
        .. from target in new[] { "/a", "/a/b?x=1", "/c", "/c?" }
           from host in new[] { "www.example.net", "x.wild.example.net", "other.example.net" }
           select new ModelKey(SiteOf(host), "http", host, target),
        new ModelKey("www", "https", "www.example.net", "/a"),
    ];

    private readonly Random _random;
    private readonly Coverage _coverage;
    private readonly FakeTimeProvider _time = new();
    private readonly PurgeLog _purges = new();
    private readonly ScriptedOrigin _origin;
    private readonly PipelineEdge _edge;
    private readonly CacheModel _model;
    private readonly ReuseOracle _oracle;
    private readonly List<string> _tags = ["\"none\"", "*"];
    private readonly Queue<(double At, Func<string> What)> _story = new();
    private double _sinceSweep;
    private int _tick;

    public World(int seed, Coverage coverage)
    {
        (_random, _coverage) = (new Random(seed), coverage);
        ScriptedOrigin? origin = null;
        _edge = new PipelineEdge(
            _time,
            edge => origin = new ScriptedOrigin(_time, () => edge.State.Purges.Applied, () => Interlocked.Increment(ref _tick)),
            "cache: { max-object: 64KiB, grace: 10s }");
        _origin = origin!;
        _model = new CacheModel(_purges);
        _oracle = new ReuseOracle(_origin, _purges);
        foreach (ModelKey key in Keys)
        {
            _origin[key].Policy = OriginPolicy.Draw(_random);
        }
    }

    public static string SiteOf(string host) => host == "other.example.net" ? "other" : "www";

    /// <summary>The last events, for whoever has to find out.</summary>
    public string Story => string.Join("\n", _story.Select(e => $"{e.At,8:0.###} {e.What()}"));

    private double Now => _time.GetTimestamp() / (double)_time.TimestampFrequency;

    private ModelKey AnyKey => Keys[_random.Next(Keys.Length)];

    public Task StepAsync() => _random.Next(100) switch
    {
        < 70 => AskAsync(ModelRequest.Draw(_random, AnyKey, _tags)),
        < 76 => ChangeOriginAsync(),
        < 85 => AdvanceAsync(),
        < 89 => PurgeAsync(AnyKey),
        < 96 => ClearAsync(AnyKey),
        < 97 => StepWallClockAsync(),
        _ => new Race(this).RunAsync(),
    };

    /// <summary>Texts are made only when something was wrong.</summary>
    private void Tell(Func<string> what)
    {
        _story.Enqueue((Now, what));
        if (_story.Count > 40)
        {
            _story.Dequeue();
        }
    }

    private Beginning Begin() => new(Interlocked.Increment(ref _tick), _edge.State.Purges.Applied, Now);

    private async Task AskAsync(ModelRequest request, bool isRace = false)
    {
        bool isPlain = request.CacheControl is null;
        Entry? found = null;
        Expected expected = request.Method == "POST" ? Expected.Unknown : _model.Look(request, Now, out found);
        int before = _origin.Count;
        Beginning begin = Begin();
        Answer answer = await _edge.SendAsync(request);
        if (!isRace)
        {
            await _edge.SettleAsync();
        }

        List<Fetch> step = _origin.Log[before..];
        Tell(() => $"{request} found {expected} {found} -> {answer.Status} #{answer.Serial} {answer.Headers["Cache-Status"]}; asked: {string.Join(" ", step)}");

        Check(_oracle.Judge(answer, request, begin, step, _model.IsUncertain(request.Key)));
        if (isPlain)
        {
            CheckLive(request, expected, found, answer, step);
        }

        Learn(request, expected, found, step, isPlain);
        if (answer.Headers.ETag.ToString() is { Length: > 0 } tag && _tags.Count < 40 && !_tags.Contains(tag))
        {
            _tags.Add(tag);
        }
    }

    /// <summary>What must be: stored content is used where the rules allow it.</summary>
    private void CheckLive(ModelRequest request, Expected expected, Entry? found, Answer answer, List<Fetch> step)
    {
        _coverage.Add($"{request.Method} {expected}");
        if (request.Method == "POST")
        {
            return;
        }

        bool isGet = request.Method == "GET";
        if (answer.IsFromSickOrigin)
        {
            // Served at once while the origins are known to be sick; the oracle has judged whether it may be.
            _coverage.Add("sick");
            Check(expected is Expected.Stale or Expected.WhileRevalidating or Expected.Unknown, "sick origins are no matter for what is fresh");
            Check(expected == Expected.Unknown || answer.Serial == found!.Serial, "not the entry that is stored");
            return;
        }

        switch (expected)
        {
            case Expected.Fresh:
                Check(step.Count == 0, "the origin was asked for what is fresh");
                Check(answer.Serial == found!.Serial, $"not the fresh entry #{found.Serial}");
                CheckCondition(request, found, answer);
                break;
            case Expected.WhileRevalidating:
                Check(answer.Serial == found!.Serial, $"not the entry #{found.Serial} that may be served while it is refreshed");
                Check(step.Count == 1 || (step.Count == 2 && step[0].Is304), "one refresh, in the background");
                CheckCondition(request, found, answer);
                break;
            case Expected.Stale when isGet:
                Check(step.Count > 0, "the origin was not asked");
                Check(step[0].IfNoneMatch == found!.Tag, "the refresh was not conditional on what is stored");
                if (step[0].HasFailed)
                {
                    _coverage.Add(_model.MustStandIn(request.Key, found, Now) ? "stood in" : "did not stand in");
                    Check(!_model.MustStandIn(request.Key, found, Now) || answer.Serial == found.Serial, "nothing stood in for a failing origin");
                }
                else if (step[0].IsEmptyConfirmation)
                {
                    _coverage.Add("confirmed another");
                    Check(step.Count > 1 && step[1].IfNoneMatch is null, "the whole was not asked for after a confirmation of something else");
                }
                else if (step[0].Is304)
                {
                    _coverage.Add("confirmed");
                }

                break;
            case Expected.Miss when isGet:
                Check(step.Count > 0, "the origin was not asked");
                Check(step[0].IfNoneMatch is null, "a condition of one visitor went out for all");
                break;
            default:
                break;
        }
    }

    private void CheckCondition(ModelRequest request, Entry found, Answer answer)
    {
        bool isNotModified = found.Policy.Status == 200 && request.IfNoneMatch is { } condition && (condition == "*" || condition == found.Tag);
        int status = isNotModified ? 304 : found.Policy.Status;
        Check(answer.Status == status, $"{answer.Status}, not {status}");
    }

    private void Learn(ModelRequest request, Expected expected, Entry? found, List<Fetch> step, bool isPlain)
    {
        Entry? stale = expected is Expected.Stale or Expected.WhileRevalidating ? found : null;
        if (request.Method == "POST")
        {
            foreach (Fetch post in step.Where(f => !f.IsDown && f.Policy.Status is >= 200 and < 400))
            {
                _purges.AddChange(post.Tick, request.Key);
                _model.Empty(request.Key);
            }

            return;
        }

        if (request.Method == "HEAD" || !isPlain || expected == Expected.Unknown)
        {
            // A cache may make more of these than the model knows.
            if (step.Count > 0)
            {
                _model.Doubt(request.Key);
            }

            return;
        }

        // A confirmation of something else says nothing; what is asked for after it does.
        if (step.Find(fetch => !fetch.IsEmptyConfirmation) is { } telling)
        {
            _model.Learn(telling, request, stale);
        }
    }

    private Task ChangeOriginAsync()
    {
        ModelKey key = AnyKey;
        OriginResource resource = _origin[key];
        switch (_random.Next(4))
        {
            case 0:
                resource.IsDown = !resource.IsDown && _random.Next(2) == 0;
                break;
            case 1:
                resource.Version++;
                break;
            default:
                resource.Policy = OriginPolicy.Draw(_random);
                break;
        }

        (bool isDown, int version, OriginPolicy policy) = (resource.IsDown, resource.Version, resource.Policy);
        Tell(() => $"origin of {key.Url}: {(isDown ? "down" : "up")} v{version} {policy}");
        return Task.CompletedTask;
    }

    private Task AdvanceAsync()
    {
        double[] steps = [0.25, 0.5, 0.5, 1, 1, 2, 2, 5, 5, 9, 31, 70];
        return AdvanceAsync(steps[_random.Next(steps.Length)]);
    }

    private Task AdvanceAsync(double seconds)
    {
        _sinceSweep += seconds;
        if (_sinceSweep >= SoftPurgeSlack || _random.Next(8) == 0)
        {
            _edge.Sweep();
            _sinceSweep = 0;
        }

        _time.Advance(TimeSpan.FromSeconds(seconds));
        return Task.CompletedTask;
    }

    /// <summary>Corrections of the wall clock change nothing: freshness is counted on the other one.</summary>
    private Task StepWallClockAsync()
    {
        _time.StepWallClock(TimeSpan.FromSeconds(_random.Next(-100_000, 100_000)));
        return Task.CompletedTask;
    }

    private Task PurgeAsync(ModelKey near)
    {
        string[] tags = ["red", "blue", "green", "none"];
        (PurgeKind kind, string value) = _random.Next(12) switch
        {
            < 5 => (PurgeKind.Url, near.Url),
            < 8 => (PurgeKind.Tag, tags[_random.Next(tags.Length)]),
            8 => (PurgeKind.Site, ""),
            9 => (PurgeKind.Prefix, near.Host + near.Target[..2]),
            10 => (PurgeKind.Prefix, near.Host + near.Target),
            _ => (PurgeKind.Host, near.Host),
        };
        Purge(kind, value, _random.Next(2) == 0, near.Site);
        return Task.CompletedTask;
    }

    private void Purge(PurgeKind kind, string value, bool soft, string site)
    {
        Tell(() => $"purge {kind} '{value}' of {site}{(soft ? ", soft" : "")}");
        _edge.Purge(kind, value, soft, site);
        _purges.Add(_edge.State.Purges.Applied, kind, value, site, soft, Now);
    }

    /// <summary>A hard purge of one URL: from here on the model knows again what is stored there.</summary>
    private Task ClearAsync(ModelKey key)
    {
        Purge(PurgeKind.Url, key.Url, soft: false, key.Site);
        _model.Empty(key);
        return Task.CompletedTask;
    }

    private void Check(bool holds, string otherwise) => Check(holds ? null : otherwise);

    private void Check(string? wrong)
    {
        if (wrong is not null)
        {
            throw new InvalidOperationException(wrong);
        }
    }

    public void Dispose() => _edge.Dispose();

    /// <summary>Requests for one resource while the origin holds an answer to it back, and what else happens meanwhile.</summary>
    private sealed class Race(World world)
    {
        private readonly ModelKey _key = world.AnyKey;
        private readonly List<(ModelRequest Request, Beginning Begin, Task<Answer> Answer)> _running = [];

        public async Task RunAsync()
        {
            int before = world._origin.Count;
            var hold = new Hold();
            world._origin.HoldNext = hold;
            Task<Answer> first = Start();
            await Task.WhenAny(first, hold.Reached.Task);
            world._origin.HoldNext = null;
            world._coverage.Add(hold.Reached.Task.IsCompleted ? "held" : "not held");
            for (int i = world._random.Next(1, 5); i > 0; i--)
            {
                await MeanwhileAsync();
            }

            hold.Released.SetResult();
            await Task.WhenAll(_running.Select(r => r.Answer));
            await world._edge.SettleAsync();
            List<Fetch> step = world._origin.Log[before..];
            foreach ((ModelRequest request, Beginning begin, Task<Answer> answer) in _running)
            {
                Answer given = await answer;
                world.Tell(() => $"raced {request} from {begin} -> {given.Status} #{given.Serial} {given.Headers["Cache-Status"]}; asked: {string.Join(" ", step)}");
                world.Check(world._oracle.Judge(given, request, begin, step, isRace: true));
            }

            world._model.Doubt(_key);
            if (world._random.Next(2) == 0)
            {
                await world.ClearAsync(_key);
            }
        }

        private Task<Answer> Start()
        {
            ModelRequest request = ModelRequest.Draw(world._random, _key, []) with { Method = "GET" };
            Beginning begin = world.Begin();
            Task<Answer> answer = Task.Run(() => world._edge.SendAsync(request));
            _running.Add((request, begin, answer));
            return answer;
        }

        private async Task MeanwhileAsync()
        {
            switch (world._random.Next(6))
            {
                case 0 or 1:
                    long coalesced = world._edge.Metrics.Read(Counter.Coalesced);
                    Task<Answer> joined = Start();
                    while (!joined.IsCompleted && world._edge.Metrics.Read(Counter.Coalesced) == coalesced)
                    {
                        await Task.Yield();
                    }

                    break;
                case 2 or 3:
                    await world.PurgeAsync(_key);
                    break;
                case 4:
                    await world.AskAsync(new ModelRequest { Key = _key, Method = "POST" }, isRace: true);
                    break;
                default:
                    world._time.Advance(TimeSpan.FromSeconds(world._random.Next(3)));
                    break;
            }
        }
    }
}
