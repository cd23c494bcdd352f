using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Fsm;

/// <param name="Prefix">What is not on the wire although it should be.</param>
/// <param name="Reason">Why.</param>
public readonly record struct RefusedRoute(IPNetwork Prefix, EncodeRefusal Reason);

/// <summary>What one peer is to know and what it has been sent (RFC 4271 §3.2); the difference is what is sent next.</summary>
internal sealed class AdjRibOut
{
    private readonly Dictionary<IPNetwork, DesiredRoute> _sent = [];
    private ImmutableArray<DesiredRoute> _desired = [];

    /// <summary>In the order of their prefixes.</summary>
    public ImmutableArray<DesiredRoute> Sent =>
        [.. _sent.Values.OrderBy(r => AddressFamilyExtensions.FamilyOf(r.Prefix)).ThenBy(r => r.Prefix.ToString(), StringComparer.Ordinal)];

    /// <summary>Of the last <see cref="Missing"/>.</summary>
    public ImmutableArray<RefusedRoute> Refused { get; private set; } = [];

    public ImmutableArray<DesiredRoute> Desired
    {
        get => _desired;

        // Of two routes for one prefix the last counts, as it would on the wire.
        set => _desired = [.. value.Reverse().DistinctBy(r => r.Prefix).Reverse()];
    }

    /// <summary>The peer has been sent something, and all of what is desired and can be said.</summary>
    public bool IsComplete => _sent.Count > 0
        && _desired.All(r => (_sent.TryGetValue(r.Prefix, out DesiredRoute? sent) && sent.Equals(r)) || Refused.Any(refused => refused.Prefix == r.Prefix));

    /// <summary>The peer has forgotten all: a new connection.</summary>
    public void Forget()
    {
        _sent.Clear();
        Refused = [];
    }

    /// <summary>RFC 2918 §4: what is desired in this family is sent again.</summary>
    public void Forget(AddressFamily family)
    {
        foreach (DesiredRoute route in _desired)
        {
            if (AddressFamilyExtensions.FamilyOf(route.Prefix) == family)
            {
                _ = _sent.Remove(route.Prefix);
            }
        }
    }

    /// <summary>The UPDATEs that make what was sent into what is desired; they count as sent.</summary>
    public List<byte[]> Missing(AnnouncementContext context)
    {
        List<byte[]> messages = [];
        var refused = ImmutableArray.CreateBuilder<RefusedRoute>();

        // Announced first: of a prefix that moves nothing is gone in between.
        foreach (DesiredRoute route in _desired)
        {
            if (context.AllowedPrefixes.Contains(route.Prefix) && _sent.TryGetValue(route.Prefix, out DesiredRoute? sent) && sent.Equals(route))
            {
                continue;
            }

            if (AnnouncementWriter.Announce(context, route, out EncodeRefusal refusal) is { } message)
            {
                messages.Add(message);
                _sent[route.Prefix] = route;
            }
            else
            {
                refused.Add(new RefusedRoute(route.Prefix, refusal));
            }
        }

        // Of a prefix that is no longer allowed nothing stays, whoever still desires it.
        foreach (IPNetwork prefix in _sent.Keys.Where(p => !context.AllowedPrefixes.Contains(p) || !_desired.Any(r => r.Prefix == p)).ToList())
        {
            messages.Add(AnnouncementWriter.Withdraw(prefix));
            _ = _sent.Remove(prefix);
        }

        Refused = refused.ToImmutable();
        return messages;
    }
}
