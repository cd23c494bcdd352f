namespace OrleansCdn.Failover;

/// <summary>
/// Pledges. Who gave one is announced for <see cref="FailoverPolicy.PledgeTime"/> from giving it; who asked for them has withdrawn within
/// <see cref="FailoverPolicy.UseWithin"/> of asking, or not at all. Who asks gives none meanwhile, and who has given one asks for none: so of
/// servers that rely on each other's word at most one goes.
/// </summary>
public sealed partial class FailoverMachine
{
    private readonly Dictionary<string, Given> _given = [];
    private Request? _request;
    private TimeSpan _askNotBefore;
    private TimeSpan? _voluntaryAt;
    private string? _voluntaryOf;
    private long _keptVersion;

    /// <summary>Without a disk nothing is known of what the process before has promised; null: it is known, or no longer in force.</summary>
    private TimeSpan? _mayHavePromisedUntil;

    /// <param name="Id">Of the request.</param>
    /// <param name="Until">Of this process's clock.</param>
    /// <param name="Version">Of the durable state that has it; it is told when that is written.</param>
    private sealed record Given(long Id, TimeSpan Until, long Version)
    {
        public bool IsAnswered { get; set; }
    }

    private sealed class Request(PledgeRequest what, TimeSpan at, int asked)
    {
        public PledgeRequest What { get; } = what;

        public TimeSpan At { get; } = at;

        public int Asked { get; } = asked;

        public Dictionary<string, string> GrantedBy { get; } = [];

        public HashSet<string> DeniedBy { get; } = [];
    }

    /// <summary>Why it has not withdrawn although it would; null: nothing holds it back.</summary>
    public string? WaitsFor { get; private set; }

    private void ForgetExpired()
    {
        // The dictionary may be walked while entries are taken out of it.
        foreach ((string server, Given given) in _given)
        {
            if (given.Until <= _now)
            {
                _given.Remove(server);
                _hasToKeep = true; // The next process need not wait for what is over.
            }
        }

        if (_mayHavePromisedUntil <= _now)
        {
            _mayHavePromisedUntil = null;
            _hasToKeep = true;
        }

        if (_request is { } request && _now - request.At >= _policy.UseWithin)
        {
            GiveUp("not enough others have promised to stay in time");
        }
    }

    /// <summary>Whether enough others stay; asks them when that is not known.</summary>
    /// <param name="check">That fails; null: it is voluntary.</param>
    private bool MayWithdraw(string? check)
    {
        bool isVoluntary = check is null;
        if (_request is { } request)
        {
            if (request.What.IsVoluntary != isVoluntary)
            {
                _request = null;
            }
            else
            {
                return IsEnough(request);
            }
        }

        if (_given.Count > 0)
        {
            WaitsFor = $"it has promised {string.Join(", ", _given.Keys.Order(StringComparer.Ordinal))} to stay";
            return false;
        }

        if (_mayHavePromisedUntil is not null)
        {
            WaitsFor = "it has just started and does not know what it promised before";
            return false;
        }

        if (isVoluntary && _voluntaryAt is { } last && _voluntaryOf != _server && _now - last < _policy.VoluntaryGap)
        {
            WaitsFor = $"{_voluntaryOf} was withdrawn a moment ago";
            return false;
        }

        if (_now >= _askNotBefore)
        {
            Ask(check);
        }

        return false;
    }

    private void Ask(string? check)
    {
        List<KnownServer> could = [.. _peers.WhoCouldStay(_pop, _now, _policy)];
        bool isInPop = could.Exists(peer => peer.Pop == _pop);
        if (!isInPop && could.Count < _policy.Floor)
        {
            GiveUp(could.Count == 0
                ? "nobody else is announced and well"
                : $"only {could.Count} other PoPs are announced and well, and {_policy.Floor} have to stay");
            return;
        }

        var what = new PledgeRequest(_random.NextInt64(1, long.MaxValue), _server, _pop, check is null, check);
        _request = new Request(what, _now, could.Count);
        WaitsFor = "others were asked to stay";
        foreach (KnownServer peer in could)
        {
            _actions.Add(new AskPledge(peer.Server, what));
        }
    }

    private bool IsEnough(Request request)
    {
        // A promise of somebody who has not been heard of since may be that of a server that is gone.
        List<string> pops = [.. request.GrantedBy.Where(grant => _peers.CouldStay(grant.Key, _now, _policy)).Select(grant => grant.Value).Distinct(StringComparer.Ordinal)];
        return pops.Contains(_pop) || pops.Count >= _policy.Floor;
    }

    private void OnAnswered(PledgeAnswer answer)
    {
        // Too late, of another request, or of somebody who was not asked.
        if (_request is not { } request || request.What.Id != answer.Id || _now - request.At >= _policy.UseWithin || !_peers.Knows(answer.Server, answer.Pop))
        {
            return;
        }

        if (answer.IsGranted)
        {
            request.GrantedBy[answer.Server] = answer.Pop;
            request.DeniedBy.Remove(answer.Server);
        }
        else
        {
            request.DeniedBy.Add(answer.Server);
            WaitsFor = $"{answer.Server}: {answer.Why}";
            if (request.DeniedBy.Count + request.GrantedBy.Count >= request.Asked && !IsEnough(request))
            {
                GiveUp(WaitsFor);
            }
        }
    }

    private void GiveUp(string why)
    {
        _request = null;
        WaitsFor = why;
        _askNotBefore = _now + (_policy.AskAgainAfter * (1 + _random.NextDouble()));
    }

    private void OnAsked(PledgeRequest request)
    {
        if (!_peers.Knows(request.Server, request.Pop))
        {
            return;
        }

        if (_given.TryGetValue(request.Server, out Given? given) && given.Id == request.Id)
        {
            // The answer was lost: nothing is promised anew.
            if (given.IsAnswered)
            {
                Answer(request.Server, request.Id, null);
            }

            return;
        }

        if (WhyNot(request) is { } why)
        {
            Answer(request.Server, request.Id, why);
            return;
        }

        _given[request.Server] = new Given(request.Id, _now + _policy.PledgeTime, _durableVersion + 1);
        _hasToKeep = true;
        if (request.IsVoluntary)
        {
            (_voluntaryAt, _voluntaryOf) = (_now, request.Server);
        }
    }

    /// <summary>Why this server does not promise to stay; null: it does.</summary>
    private string? WhyNot(PledgeRequest request)
    {
        if (Phase != FailoverPhase.Announced || Level != AnnouncementLevel.Normal || !_isOnWire)
        {
            return "is not announced itself";
        }

        if (!IsWell || !Answers)
        {
            return "does not answer its own check";
        }

        if (WantsOut)
        {
            return "is to go itself";
        }

        if (_request is not null)
        {
            return "has asked others to stay itself";
        }

        if (request.IsVoluntary && _voluntaryAt is { } last && _voluntaryOf != request.Server && _now - last < _policy.VoluntaryGap)
        {
            return $"has promised to stay for {_voluntaryOf} a moment ago: one PoP at a time";
        }

        if (request.Check is { } check && !request.IsVoluntary && IsSuspect(request, check) && !_peers.SawSilent(request.Server, _now, _policy))
        {
            return $"the check {check} fails at several PoPs at once, and the edge answers from outside: the check is suspect";
        }

        return null;
    }

    /// <summary>What fails everywhere at once is rather the check than the servers.</summary>
    private bool IsSuspect(PledgeRequest request, string check) =>
        _peers.PopsFailingWith(request.Server, request.Pop, check, _now, _policy) >= Math.Max(2, (int)Math.Ceiling(_peers.Pops / 3.0));

    private void OnKept(long version)
    {
        _keptVersion = Math.Max(_keptVersion, version);
        foreach ((string server, Given given) in _given)
        {
            if (!given.IsAnswered && given.Version <= _keptVersion)
            {
                given.IsAnswered = true;
                Answer(server, given.Id, null);
            }
        }
    }

    private void Answer(string server, long id, string? why) =>
        _actions.Add(new AnswerPledge(server, new PledgeAnswer(id, _server, _pop, why is null, why)));
}
