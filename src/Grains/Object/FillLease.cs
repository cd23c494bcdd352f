using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Object;

/// <summary>
/// Who fills one object, who waits for that, and who has it: a state machine that is handed events and the time, and
/// gives the answers to those who wait.
/// </summary>
/// <remarks>
/// <list type="table">
/// <item><term>idle</term><description>no lease: the next who asks gets it</description></item>
/// <item><term>filling</term><description>a lease without a word from its owner: others wait, until <see cref="LeaseAge"/></description></item>
/// <item><term>held</term><description>one or more edges stream or have the object: others fetch from them</description></item>
/// <item><term>uncacheable</term><description>for <see cref="UncacheableAge"/> everybody goes alone</description></item>
/// </list>
/// Holders check the purge log themselves: who asks them says how far it has come.
/// </remarks>
/// <param name="idPrefix">Makes lease ids of two lives of one grain differ.</param>
internal sealed class FillLease(string idPrefix)
{
    /// <summary>A filler that has said nothing for this long is passed over: the default first-byte timeout of proxies is larger, their patience with a stuck origin is not.</summary>
    public static readonly TimeSpan LeaseAge = TimeSpan.FromSeconds(10);

    /// <summary>How long an object counts as uncacheable: the lifetime that Varnish gives its hit-for-miss objects.</summary>
    public static readonly TimeSpan UncacheableAge = TimeSpan.FromSeconds(120);

    /// <summary>How long a holder is named when its report gives no lifetime.</summary>
    public static readonly TimeSpan DefaultHolderAge = TimeSpan.FromSeconds(60);

    /// <summary>Longest time that a holder is named; by then the object may well have been evicted there.</summary>
    public static readonly TimeSpan MaxHolderAge = TimeSpan.FromHours(1);

    /// <summary>Edges that wait for one object. An edge asks once per object and variant, so this is many edges.</summary>
    public const int MaxWaiters = 1024;

    /// <summary>Holders that are remembered; who fetched from a holder is none itself, so there are few.</summary>
    public const int MaxHolders = 8;

    private readonly List<Waiter> _waiters = [];
    private readonly List<Holder> _holders = [];
    private Lease? _lease;
    private DateTimeOffset? _uncacheableUntil;
    private long _leases;
    private int _turn;

    private sealed record Waiter(long Id, LeaseRequest Request, DateTimeOffset Deadline);

    private sealed record Holder(PeerEdge Peer, PurgeCursor Cursor, DateTimeOffset Until);

    /// <param name="Streaming">Its owner has reported a storable header, and is among the holders.</param>
    private sealed record Lease(string Id, LeaseRequest Owner, DateTimeOffset Since, bool Streaming);

    public int WaiterCount => _waiters.Count;

    public int HolderCount => _holders.Count;

    /// <summary>Nothing is remembered that a new activation would not know as well.</summary>
    public bool IsIdle => _lease is null && _waiters.Count == 0 && _holders.Count == 0 && _uncacheableUntil is null;

    /// <summary>When the next <see cref="LeaseEvent.TimePassed"/> may do something; null: never by itself.</summary>
    public DateTimeOffset? NextDeadline
    {
        get
        {
            DateTimeOffset? next = null;
            foreach (Waiter waiter in _waiters)
            {
                next = next is null || waiter.Deadline < next ? waiter.Deadline : next;
            }

            return _waiters.Count > 0 && _lease is { Streaming: false } lease && lease.Since + LeaseAge < next
                ? lease.Since + LeaseAge
                : next;
        }
    }

    /// <returns>Answers; each waiter is answered exactly once, and one that asked just now may be.</returns>
    public ImmutableArray<LeaseAnswer> Step(LeaseEvent happened, DateTimeOffset now)
    {
        ImmutableArray<LeaseAnswer>.Builder answers = ImmutableArray.CreateBuilder<LeaseAnswer>();
        PassTime(now, answers);
        switch (happened)
        {
            case LeaseEvent.Asked asked:
                Ask(asked.Waiter, asked.Request, now, answers);
                break;
            case LeaseEvent.Reported reported:
                Report(reported.Report, now, answers);
                break;
            case LeaseEvent.Left left:
                _waiters.RemoveAll(w => w.Id == left.Waiter);
                break;
            case LeaseEvent.TimePassed:
                break;
            default:
                throw new UnreachableException($"no such event: {happened}");
        }

        return answers.DrainToImmutable();
    }

    private void PassTime(DateTimeOffset now, ImmutableArray<LeaseAnswer>.Builder answers)
    {
        _holders.RemoveAll(h => h.Until <= now);
        if (_uncacheableUntil <= now)
        {
            _uncacheableUntil = null;
        }

        foreach (Waiter late in _waiters.Where(w => w.Deadline <= now))
        {
            answers.Add(new LeaseAnswer(late.Id, Alone(LeaseVerdict.Slow)));
        }

        _waiters.RemoveAll(w => w.Deadline <= now);
        if (_lease is { Streaming: false } lease && lease.Since + LeaseAge <= now)
        {
            _lease = null;
            GrantNext(now, answers);
        }
        else if (_lease is { Streaming: true } streaming && !_holders.Exists(h => h.Peer.Edge == streaming.Owner.Edge))
        {
            // Its lifetime is over or it was found unable: the lease ends with the holder.
            _lease = null;
        }
    }

    private void Ask(long id, LeaseRequest request, DateTimeOffset now, ImmutableArray<LeaseAnswer>.Builder answers)
    {
        Forget(request);
        if (_uncacheableUntil is not null)
        {
            answers.Add(new LeaseAnswer(id, Alone(LeaseVerdict.Uncacheable)));
        }
        else if (_holders.Count > 0)
        {
            answers.Add(new LeaseAnswer(id, FetchFrom(request)));
        }
        else if (_lease is not { } lease || lease.Owner.Edge == request.Edge)
        {
            // An edge asks once at a time, so an owner who asks again has lost its lease: it was restarted, or the answer never arrived.
            answers.Add(new LeaseAnswer(id, Grant(request, now)));
        }
        else if (_waiters.Count >= MaxWaiters || request.Wait <= TimeSpan.Zero)
        {
            answers.Add(new LeaseAnswer(id, Alone(LeaseVerdict.Slow)));
        }
        else
        {
            TimeSpan wait = request.Wait < GrainLimits.MaxWait ? request.Wait : GrainLimits.MaxWait;
            _waiters.Add(new Waiter(id, request, now + wait));
        }
    }

    /// <summary>Drops the holder that could not give the object, and the asker itself, which would not ask if it had it.</summary>
    private void Forget(LeaseRequest request)
    {
        if (request.FailedHolder is { } failed)
        {
            Holder? holder = _holders.Find(h => h.Peer.Edge == failed || $"{h.Peer.Pop}/{h.Peer.Edge}" == failed);
            if (holder is not null)
            {
                _holders.Remove(holder);
                if (!holder.Cursor.Covers(request.Cursor))
                {
                    // Most likely it was purged, and then so it was wherever it was stored no later.
                    _holders.RemoveAll(h => holder.Cursor.Covers(h.Cursor));
                }
            }
        }

        _holders.RemoveAll(h => h.Peer.Edge == request.Edge);
        if (_lease is { Streaming: true } lease && !_holders.Exists(h => h.Peer.Edge == lease.Owner.Edge))
        {
            _lease = null;
        }
    }

    private void Report(LeaseReport report, DateTimeOffset now, ImmutableArray<LeaseAnswer>.Builder answers)
    {
        bool cacheable = report.Outcome is LeaseOutcome.Streaming or LeaseOutcome.Stored;
        if (cacheable)
        {
            _uncacheableUntil = null;
        }

        if (_lease is not { } lease || lease.Id != report.LeaseId)
        {
            // An owner that was passed over: another one fills by now, and waiters count on that one.
            return;
        }

        _holders.RemoveAll(h => h.Peer.Edge == lease.Owner.Edge);
        switch (report.Outcome)
        {
            case LeaseOutcome.Streaming:
                _lease = lease with { Streaming = true };
                Hold(lease.Owner, report, now, answers);
                if (_holders.Count == 0)
                {
                    _lease = null;
                }

                break;
            case LeaseOutcome.Stored:
                _lease = null;
                Hold(lease.Owner, report, now, answers);
                break;
            case LeaseOutcome.Uncacheable:
                _lease = null;
                _uncacheableUntil = now + UncacheableAge;
                AnswerAll(_ => Alone(LeaseVerdict.Uncacheable), answers);
                break;
            case LeaseOutcome.Failed:
                _lease = null;
                GrantNext(now, answers);
                break;
            default:
                throw new UnreachableException($"no such outcome: {report.Outcome}");
        }
    }

    /// <summary>Names the owner to all who wait, and remembers it for as long as the object is fresh.</summary>
    private void Hold(LeaseRequest owner, LeaseReport report, DateTimeOffset now, ImmutableArray<LeaseAnswer>.Builder answers)
    {
        if (owner.PeerUrl is null)
        {
            // Nobody can fetch from it, and to wait for the next would put origin requests in a row.
            AnswerAll(_ => Alone(LeaseVerdict.Slow), answers);
            return;
        }

        var peer = new PeerEdge(owner.Pop, owner.Edge, owner.PeerUrl);
        // An earlier ask of the owner itself (another variant, or one that was sent again) must not send it to itself.
        AnswerAll(
            w => w.Request.Edge == owner.Edge ? Alone(LeaseVerdict.Slow) : new LeaseReply { Verdict = LeaseVerdict.FetchFrom, Holder = peer },
            answers);
        TimeSpan age = report.Lifetime ?? DefaultHolderAge;
        if (age > TimeSpan.Zero)
        {
            _holders.Add(new Holder(peer, report.Cursor, now + (age < MaxHolderAge ? age : MaxHolderAge)));
            if (_holders.Count > MaxHolders)
            {
                _holders.RemoveAt(0);
            }
        }
    }

    private LeaseReply FetchFrom(LeaseRequest request)
    {
        // Near before far; among equals in turn, so that one holder does not serve everybody.
        List<Holder> near = _holders.FindAll(h => h.Peer.Pop == request.Pop);
        List<Holder> among = near.Count > 0 ? near : _holders;
        _turn = (_turn + 1) % MaxHolders;
        return new LeaseReply { Verdict = LeaseVerdict.FetchFrom, Holder = among[_turn % among.Count].Peer };
    }

    private void GrantNext(DateTimeOffset now, ImmutableArray<LeaseAnswer>.Builder answers)
    {
        if (_waiters.Count > 0)
        {
            Waiter next = _waiters[0];
            _waiters.RemoveAt(0);
            answers.Add(new LeaseAnswer(next.Id, Grant(next.Request, now)));
        }
    }

    private LeaseReply Grant(LeaseRequest request, DateTimeOffset now)
    {
        _leases++;
        _lease = new Lease(string.Create(CultureInfo.InvariantCulture, $"{idPrefix}-{_leases}"), request, now, Streaming: false);
        return new LeaseReply { Verdict = LeaseVerdict.Fill, LeaseId = _lease.Id };
    }

    private void AnswerAll(Func<Waiter, LeaseReply> answer, ImmutableArray<LeaseAnswer>.Builder answers)
    {
        foreach (Waiter waiter in _waiters)
        {
            answers.Add(new LeaseAnswer(waiter.Id, answer(waiter)));
        }

        _waiters.Clear();
    }

    private static LeaseReply Alone(LeaseVerdict verdict) => new() { Verdict = verdict };
}
