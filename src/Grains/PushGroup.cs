namespace OrleansCdn.Grains;

/// <summary>
/// Those that are told when something has changed: each for a limited time after it asked, with one call in flight at a
/// time, and one more when something changed meanwhile. Not thread safe: it belongs to one grain.
/// </summary>
/// <param name="push">Tells one member; what it needs to know is taken at the time of the call. Must not throw.</param>
internal sealed class PushGroup(Func<string, Task> push, TimeProvider time)
{
    private readonly SteadyClock _clock = new(time);
    private readonly Dictionary<string, Member> _members = [];

    private sealed class Member
    {
        public DateTimeOffset Until { get; set; }

        public bool InFlight { get; set; }

        public bool Again { get; set; }
    }

    /// <summary>Counts as a member for <see cref="GrainLimits.SubscriptionAge"/> from now on.</summary>
    public void Join(string name)
    {
        DateTimeOffset now = _clock.Now;
        if (!_members.TryGetValue(name, out Member? member))
        {
            foreach (string gone in _members.Where(m => m.Value.Until <= now).Select(m => m.Key).ToList())
            {
                _members.Remove(gone);
            }

            if (_members.Count >= GrainLimits.MaxPops)
            {
                return;
            }

            member = new Member();
            _members.Add(name, member);
        }

        member.Until = now + GrainLimits.SubscriptionAge;
    }

    /// <summary>Tells everybody; does not wait for them.</summary>
    public void Notify()
    {
        DateTimeOffset now = _clock.Now;
        foreach ((string name, Member member) in _members)
        {
            if (member.Until <= now)
            {
                continue;
            }

            if (member.InFlight)
            {
                member.Again = true;
            }
            else
            {
                _ = TellAsync(name, member);
            }
        }
    }

    private async Task TellAsync(string name, Member member)
    {
        member.InFlight = true;
        try
        {
            do
            {
                member.Again = false;
                await push(name);
            }
            while (member.Again);
        }
        finally
        {
            member.InFlight = false;
        }
    }
}
