using System.Collections.Immutable;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Grains.Routing;

/// <summary>The announcers of one PoP: one for each server of its config. Pure: it is handed the time.</summary>
internal sealed class AnnouncerMembers
{
    private readonly Dictionary<string, AnnouncerMember> _members = [];
    private ImmutableArray<string> _order = [];

    public IEnumerable<AnnouncerMember> InOrder => _order.Select(edge => _members[edge]);

    public bool Knows(string edge) => _members.ContainsKey(edge);

    /// <summary>Servers that the config names no longer are forgotten.</summary>
    public void Configure(IEnumerable<string> edges)
    {
        _order = [.. edges];
        _members.KeepOnly(_order);

        foreach (string edge in _order)
        {
            _members.TryAdd(edge, new AnnouncerMember(edge));
        }
    }

    /// <summary>The name of the instance whose connection ends by this one; null: there was none.</summary>
    public string? Connect(AnnouncerHello hello, string connection, DateTimeOffset now)
    {
        AnnouncerMember member = _members[hello.Edge];
        string? older = member.Connection is null ? null : member.Hello?.Instance;
        member.Connect(hello, connection, now);
        return older;
    }

    /// <summary>True when this was the announcer's connection.</summary>
    public bool Disconnect(string edge, string connection)
    {
        if (!_members.TryGetValue(edge, out AnnouncerMember? member) || member.Connection != connection)
        {
            return false;
        }

        member.Disconnect();
        return true;
    }

    public FeedVerdict Check(string edge, string connection, DateTimeOffset now)
    {
        if (!_members.TryGetValue(edge, out AnnouncerMember? member))
        {
            return FeedVerdict.Removed;
        }

        if (member.Connection != connection)
        {
            return member.Connection is null ? FeedVerdict.Unknown : FeedVerdict.Superseded;
        }

        member.Heard(now);
        return FeedVerdict.Messages;
    }

    /// <summary>False when it came from a connection that counts no longer.</summary>
    public bool Heard(AnnouncerWord word, DateTimeOffset now)
    {
        if (!_members.TryGetValue(word.Edge, out AnnouncerMember? member) || member.Connection != word.Connection)
        {
            return false;
        }

        member.Heard(now);
        if (word.Report is { } report)
        {
            member.Reported(report);
        }

        return true;
    }

    /// <summary>Ends connections that nobody speaks for any more: their silo is gone.</summary>
    public ImmutableArray<string> DropSilent(DateTimeOffset now)
    {
        ImmutableArray<string>.Builder dropped = ImmutableArray.CreateBuilder<string>();
        foreach (AnnouncerMember member in _members.Values)
        {
            if (member.Connection is not null && now - member.LastHeard > GrainLimits.MaxWait + FeedProtocol.SilenceLimit)
            {
                member.Disconnect();
                dropped.Add(member.Edge);
            }
        }

        return dropped.ToImmutable();
    }

    /// <summary>The highest revision of an upstream that an announcer works on under this epoch; 0: none says.</summary>
    public long ObservedRevision(string upstream, string epoch) => _members.Values
        .Where(m => m.Report is { } report && report.Epoch == epoch)
        .SelectMany(m => m.Report!.Sessions)
        .Where(s => s.Upstream == upstream)
        .Select(s => s.Revision)
        .DefaultIfEmpty(0)
        .Max();
}
