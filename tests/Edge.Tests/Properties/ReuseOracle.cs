using System.Globalization;

namespace OrleansCdn.Edge.Tests.Properties;

/// <summary>When a request began, on every clock that matters.</summary>
internal readonly record struct Beginning(int Tick, long Applied, double Now);

/// <summary>
/// Whether an answer was allowed, judged from the history of all fetches, purges and unsafe methods alone: it knows nothing
/// of what a cache may have stored.
/// </summary>
internal sealed class ReuseOracle(ScriptedOrigin origin, PurgeLog purges)
{
    /// <summary>A state in which the origin has vouched for a body: its fetch, or a confirmation of it.</summary>
    private sealed record Vouch(OriginPolicy Policy, long Stamp, int Tick, double RequestedAt);

    private const int RecentFetches = 200;

    private readonly Dictionary<int, List<Vouch>> _vouches = [];
    private readonly Dictionary<int, int> _delivered = [];
    private int _read;

    /// <summary>Answers that were reused, for the account of what a run has covered.</summary>
    public int Reused { get; private set; }

    /// <summary>Null when the answer was allowed, else why not.</summary>
    /// <param name="step">Fetches since the first of the requests that ran at the same time began.</param>
    /// <param name="isRace">Several requests ran at the same time, now or earlier, so that any state vouches, not only the last.</param>
    public string? Judge(Answer answer, ModelRequest request, Beginning begin, IReadOnlyList<Fetch> step, bool isRace)
    {
        ReadLog();
        if (answer.Headers.ContainsKey("Surrogate-Key"))
        {
            return "tags reached the visitor";
        }

        if (answer.Serial == 0)
        {
            return JudgeOwnWords(answer, request, step);
        }

        Fetch made = origin.Log[answer.Serial - 1];
        if (made.Request.Key != request.Key)
        {
            return $"content of {made.Request.Key}";
        }

        if (JudgeBody(answer, request, made) is { } wrongBody)
        {
            return wrongBody;
        }

        int times = _delivered[answer.Serial] = _delivered.GetValueOrDefault(answer.Serial) + 1;
        bool isOwn = made.Tick > begin.Tick && IsSameVisitor(made.Request, request);
        if (Rules.Storable(made.Policy, made.Request) != MayStore.Yes)
        {
            return times > 1 || !isOwn ? "what is for one request alone was given to another" : null;
        }

        return isOwn && times == 1 ? null : JudgeReuse(answer, request, begin, step, made, isRace);
    }

    /// <summary>Takes confirmations into account as they appear in the origin's log.</summary>
    private void ReadLog()
    {
        for (; _read < origin.Log.Count; _read++)
        {
            Fetch fetch = origin.Log[_read];
            if (fetch.IsDown || fetch.IsEmptyConfirmation || fetch.Request.Method == "POST")
            {
                continue;
            }

            // A HEAD that shows the same entity tag may freshen what is stored (RFC 9111 §4.3.5).
            bool confirms = fetch.Is304 || (fetch.Request.Method == "HEAD" && fetch.Policy is { Status: 200, HasTag: true });
            if (!confirms)
            {
                _vouches[fetch.Serial] = [new Vouch(fetch.Policy, fetch.Stamp, fetch.Tick, fetch.RequestedAt)];
                continue;
            }

            foreach ((int serial, List<Vouch> vouches) in _vouches)
            {
                Fetch made = origin.Log[serial - 1];
                if (made.Tag != fetch.Tag || !made.Policy.HasTag || made.Request.Key != fetch.Request.Key)
                {
                    continue;
                }

                // What may not be stored because of its request does not change what is.
                OriginPolicy merged = CacheModel.Merge(vouches[^1].Policy, fetch.Policy);
                if (Rules.Storable(merged, fetch.Request) != MayStore.RequestForbids)
                {
                    vouches.Add(new Vouch(merged, fetch.Stamp, fetch.Tick, fetch.RequestedAt));
                }
            }
        }
    }

    private static string? JudgeOwnWords(Answer answer, ModelRequest request, IReadOnlyList<Fetch> step) => answer.Status switch
    {
        304 when step.Any(f => f.Is304) => null,
        502 when step.Any(f => f.IsDown) => null,
        504 when request.CacheControl == "only-if-cached" || step.Any(f => f.IsDown) => null,
        500 or 503 when step.Any(f => f.Policy.Status == answer.Status) => null,
        _ => $"{answer.Status} out of nothing",
    };

    private static string? JudgeBody(Answer answer, ModelRequest request, Fetch made)
    {
        if (!OriginBody.IsPrefix(made.Serial, answer.Body))
        {
            return "bytes of another body";
        }

        if (request.Method == "HEAD" || answer.Status == 304 || answer.IsAborted)
        {
            return answer.IsAborted && !made.Policy.Truncated ? "aborted for no reason" : null;
        }

        return answer.Body.Length == made.Policy.Length ? null : $"{answer.Body.Length} bytes of {made.Policy.Length}, ended as if whole";
    }

    private static bool IsSameVisitor(ModelRequest seen, ModelRequest asked) =>
        seen.Language == asked.Language && seen.Codings == asked.Codings && seen.Authorization == asked.Authorization;

    private string? JudgeReuse(Answer answer, ModelRequest request, Beginning begin, IReadOnlyList<Fetch> step, Fetch made, bool isRace)
    {
        Reused++;
        bool isJoined = step.Contains(made);
        if (made.Policy.Truncated && !(isJoined && answer.IsAborted))
        {
            return "a truncated body was used again";
        }

        if (answer.Headers.ContainsKey("Set-Cookie"))
        {
            return "a cookie was used again";
        }

        string? wrong = "nothing vouches for it";
        List<Vouch> vouches = _vouches[made.Serial];
        bool isHit = answer.Headers["Cache-Status"].ToString().Contains("; hit", StringComparison.Ordinal);
        for (int last = vouches.Count - 1; last >= 0; last--)
        {
            // What is called a hit was looked up before anything was asked in this step.
            if (isHit && vouches[last].Tick > begin.Tick && !isRace)
            {
                continue;
            }

            wrong = JudgeBy(vouches, last, made, request, begin, step, isHit, answer);
            if (wrong is null || !isRace)
            {
                return wrong;
            }
        }

        return wrong;
    }

    private string? JudgeBy(
        List<Vouch> vouches, int last, Fetch made, ModelRequest request, Beginning begin, IReadOnlyList<Fetch> step, bool isHit, Answer answer)
    {
        Vouch by = vouches[last];
        if (by.Policy.NoStore || by.Policy.Private || by.Policy.VaryAny || by.Policy.SetCookie)
        {
            return "not for sharing";
        }

        // A confirmation was chosen by the request that it confirmed for; without Vary anything matches.
        if (Rules.Selecting(by.Policy, made.Request) != Rules.Selecting(by.Policy, request))
        {
            return $"another variant: {Rules.Selecting(by.Policy, made.Request)}, asked {Rules.Selecting(by.Policy, request)}";
        }

        for (int i = 0; i < last; i++)
        {
            if (purges.IsHardPurged(request.Key, vouches[i].Policy, vouches[i].Stamp, vouches[i + 1].Stamp))
            {
                return "confirmed after it was purged";
            }
        }

        if (purges.IsHardPurged(request.Key, by.Policy, by.Stamp, begin.Applied))
        {
            return "purged";
        }

        if (purges.IsChanged(request.Key, by.Tick, begin.Tick))
        {
            return "changed by an unsafe method";
        }

        return isHit ? JudgeAge(by, request, begin, step, answer)
            : by.Tick > begin.Tick || step.Any(f => f.Tick == by.Tick) ? null : "neither a hit nor fetched now";
    }

    /// <summary>An origin is only taken for sick after failures of its own.</summary>
    private bool HasFailedLately => origin.Log.TakeLast(RecentFetches).Any(f => f.HasFailed);

    private string? JudgeAge(Vouch by, ModelRequest request, Beginning begin, IReadOnlyList<Fetch> step, Answer answer)
    {
        double? lifetime = Rules.Lifetime(by.Policy);
        if (lifetime is null)
        {
            return "no lifetime";
        }

        double bornAt = by.RequestedAt - (by.Policy.Age ?? 0);
        double staleFrom = bornAt + lifetime.Value;
        if (purges.SoftPurgedAt(request.Key, by.Policy, by.Stamp) is { } soft)
        {
            // It is noticed by a hit or by the sweeper, whichever is first.
            staleFrom = Math.Min(staleFrom, soft + World.SoftPurgeSlack);
        }

        double stale = begin.Now - staleFrom;
        bool isAllowed = stale < 0
            || stale < Rules.StaleWhileRevalidate(by.Policy)
            || (stale < Rules.StaleIfError(by.Policy) && (step.Any(f => f.HasFailed) || (answer.IsFromSickOrigin && HasFailedLately)));
        if (!isAllowed)
        {
            return $"stale for {stale} s";
        }

        // Told when the answer was written, which is later than the beginning only where the origin was waited for.
        double told = answer.Headers.Age.ToString() is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : 0;
        return told >= Math.Floor(begin.Now - bornAt) && told <= Math.Floor(answer.At - bornAt)
            ? null
            : $"Age {told}, {begin.Now - bornAt} s after it came to be";
    }
}
