using System.Collections.Immutable;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Grains.Failover;

/// <summary>
/// What goes through one PoP's relay: from its announcers to each other and to the other PoPs' relays, and from those to its announcers. It
/// passes on and decides nothing. Bounded by the config: who is not in it is neither listened to nor told. In memory only; pure: it is handed the time.
/// </summary>
internal sealed class RelayBoard(string pop)
{
    private readonly Dictionary<string, RelayMailbox> _servers = [];
    private readonly Dictionary<string, RelayMailbox> _pops = [];
    private readonly Dictionary<string, HeardView> _views = [];
    private Dictionary<string, string> _places = [];

    /// <param name="View">The newest.</param>
    /// <param name="At">When this relay had it.</param>
    private readonly record struct HeardView(PeerView View, DateTimeOffset At);

    /// <summary>Other PoPs in which servers announce.</summary>
    public IEnumerable<string> OtherPops => _pops.Keys;

    /// <summary>Own servers that announce, in the order of the config.</summary>
    public ImmutableArray<string> Announcers { get; private set; } = [];

    public bool Knows(string server) => _servers.ContainsKey(server);

    /// <param name="plan">Who announces.</param>
    /// <param name="servers">All of this PoP: one that does not announce still has an announcer that takes orders.</param>
    public void Configure(FailoverPlan plan, IEnumerable<string> servers)
    {
        _places = plan.Servers.ToDictionary(server => server.Server, server => server.Pop);
        Announcers = [.. plan.Servers.Where(server => server.Pop == pop).Select(server => server.Server)];
        Keep(_servers, [.. servers]);
        Keep(_pops, [.. _places.Values.Where(other => other != pop).Distinct()]);
        _views.KeepOnly(_places.Keys);
    }

    /// <summary>The newest view of one of the own servers, and when it came; null: none since the relay began.</summary>
    public (PeerView View, DateTimeOffset At)? ViewOf(string server) =>
        _views.TryGetValue(server, out HeardView heard) ? (heard.View, heard.At) : null;

    /// <summary>An own announcer has said something.</summary>
    /// <returns>The own servers that have news by it.</returns>
    public IReadOnlyCollection<string> Take(FailoverWord word, DateTimeOffset now)
    {
        var news = new HashSet<string>();
        if (word.View is { } view && Take(view, now, news))
        {
            foreach (RelayMailbox other in _pops.Values)
            {
                other.Put(view, now);
            }
        }

        foreach (PledgeQuestion question in word.Questions)
        {
            Route(question.Server, mailbox => mailbox.Put(question, now), news);
        }

        foreach (PledgeReply reply in word.Replies)
        {
            Route(reply.Server, mailbox => mailbox.Put(reply, now), news);
        }

        return news;
    }

    /// <summary>Another PoP's relay has brought something.</summary>
    /// <returns>The own servers that have news by it.</returns>
    public IReadOnlyCollection<string> Take(RelayParcel parcel, DateTimeOffset now)
    {
        var news = new HashSet<string>();
        foreach (RelayedView view in parcel.Views)
        {
            Take(view.View, now - view.Age, news);
        }

        foreach (RelayedQuestion question in parcel.Questions)
        {
            Deliver(question.Question.Server, mailbox => mailbox.Put(question.Question, now - question.Age), news);
        }

        foreach (RelayedReply reply in parcel.Replies)
        {
            Deliver(reply.Reply.Server, mailbox => mailbox.Put(reply.Reply, now - reply.Age), news);
        }

        return news;
    }

    /// <summary>What waits for an own server; null: it is not there.</summary>
    public RelayMailbox? ForServer(string server) => _servers.GetValueOrDefault(server);

    /// <summary>What waits for another PoP's relay; null: nobody announces there.</summary>
    public RelayMailbox? ForPop(string other) => _pops.GetValueOrDefault(other);

    /// <summary>False: it is no news, or of a server that is not there.</summary>
    private bool Take(PeerView view, DateTimeOffset since, HashSet<string> news)
    {
        if (_places.GetValueOrDefault(view.Server) != view.Pop
            || (_views.TryGetValue(view.Server, out HeardView known) && known.View.Instance == view.Instance && known.View.Sequence >= view.Sequence))
        {
            return false;
        }

        _views[view.Server] = new HeardView(view, since);
        foreach ((string server, RelayMailbox mailbox) in _servers)
        {
            if (server != view.Server)
            {
                mailbox.Put(view, since);
                news.Add(server);
            }
        }

        return true;
    }

    /// <summary>To an own server, or towards its PoP.</summary>
    private void Route(string server, Func<RelayMailbox, bool> put, HashSet<string> news)
    {
        if (_places.TryGetValue(server, out string? place) && place != pop)
        {
            put(_pops[place]);
        }
        else
        {
            Deliver(server, put, news);
        }
    }

    private void Deliver(string server, Func<RelayMailbox, bool> put, HashSet<string> news)
    {
        if (_servers.TryGetValue(server, out RelayMailbox? mailbox) && put(mailbox))
        {
            news.Add(server);
        }
    }

    private static void Keep(Dictionary<string, RelayMailbox> mailboxes, ImmutableArray<string> names)
    {
        mailboxes.KeepOnly(names);

        foreach (string name in names)
        {
            mailboxes.TryAdd(name, new RelayMailbox());
        }
    }
}
