using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;
using OrleansCdn.Grains.Pop;

namespace OrleansCdn.Simulation.Tests;

/// <summary>The process of one PoP's grain and of its edges' feeds: what it knows is in memory alone.</summary>
internal sealed class PopProcess
{
    private const int MaxReadsPerSync = 16;

    private readonly ClockScheduler _scheduler;
    private readonly Network _network;
    private readonly LogProcess _log;
    private readonly Promises _promises;
    private readonly PopConfig _config;
    private readonly DirectoryView _directory;
    private readonly int _edges;
    private readonly List<Feed> _feeds = [];
    private FeedMirror _mirror = new();
    private PopMembers _members = null!;
    private SteadyClock _clock = null!;
    private TimeSpan? _comparedAt;
    private int _life;
    private int _connections;

    /// <summary>The silo's half of a feed connection.</summary>
    private sealed class Feed(FeedLink link, EdgeHello hello)
    {
        public FeedLink Link => link;

        public EdgeHello Hello => hello;

        public FeedPosition Position { get; set; } = null!;

        public PurgeCursor LogEnd { get; set; }

        public bool IsCaughtUp { get; set; }

        public bool IsReading { get; set; }
    }

    public PopProcess(string name, string[] edges, DirectoryView directory, ClockScheduler scheduler, Network network, LogProcess log, Promises promises)
    {
        (Name, _scheduler, _network, _log, _promises, _directory) = (name, scheduler, network, log, promises, directory);
        _edges = directory.Edges.Length;
        _config = new PopConfig
        {
            Id = name,
            Name = name,
            Location = new LocationConfig { Latitude = 0, Longitude = 0, Country = "PL", Continent = "EU" },
            Edges = [.. edges.Select(e => new EdgeConfig { Name = e, MemoryBytes = 1 })],
            Upstreams = [],
        };
    }

    public string Name { get; }

    public bool IsUp { get; private set; }

    public PopStatus Status => _members.Status();

    public void Start()
    {
        (IsUp, _life, _comparedAt) = (true, _life + 1, null);
        _mirror = new FeedMirror();
        _mirror.Offer(_directory);
        _clock = new SteadyClock(_scheduler.Time);
        _members = new PopMembers(Name, _clock.Now);
        _members.Configure(_config);
        Tick(_life);
    }

    public void Crash()
    {
        (IsUp, _life) = (false, _life + 1);
        foreach (Feed feed in _feeds.ToArray())
        {
            feed.Link.Break();
        }

        _feeds.Clear();
    }

    public void Receive(FeedLink link, EdgeMessage message)
    {
        Feed? feed = _feeds.Find(f => f.Link == link);
        switch (message)
        {
            case EdgeHello hello when IsUp && feed is null:
                int life = _life;
                Sync(MaxReadsPerSync, isDone => Connect(link, hello, life, isDone));
                break;
            case EdgeAck ack when IsUp && feed is not null:
                Report(feed, ack.Cursor);
                break;
            case EdgeHeartbeat heartbeat when IsUp && feed is not null:
                Report(feed, heartbeat.Cursor);
                break;
        }
    }

    public void Lost(FeedLink link)
    {
        if (_feeds.Find(f => f.Link == link) is { } feed)
        {
            _feeds.Remove(feed);
            _members.Disconnect(feed.Hello.Edge, feed.Position.Connection, EdgeDeparture.Lost);
        }
    }

    public void Pushed(PurgePush push)
    {
        if (!IsUp)
        {
            return;
        }

        if (_mirror.Purges.TryAppend(push.After, push.Batch))
        {
            News();
        }
        else
        {
            Sync(MaxReadsPerSync, static _ => { });
        }
    }

    public void PushedAhead(PurgePushAhead push)
    {
        if (IsUp && _mirror.Ahead.Offer(push, _mirror.Purges.End))
        {
            News();
        }
    }

    private void Tick(int life)
    {
        if (life != _life)
        {
            return;
        }

        _members.DropSilent(_clock.Now);
        if (_members.ConnectedCount > 0)
        {
            Sync(MaxReadsPerSync, static _ => { });
        }

        News();
        _scheduler.After(GrainLimits.SyncInterval, () => Tick(life));
    }

    /// <summary>Compares itself with the log until it has all. What is asked or answered may get lost: then it is tried at the next time.</summary>
    private void Sync(int reads, Action<bool> done)
    {
        int life = _life;
        PurgeCursor after = _mirror.Purges.End;
        TimeSpan asked = _scheduler.Now;
        _network.Send(Name, LogProcess.Name, () =>
        {
            if (_log.Sync(Name, after) is { } read)
            {
                _network.Send(LogProcess.Name, Name, () =>
                {
                    if (life == _life)
                    {
                        Take(after, asked, read, reads, done);
                    }
                });
            }
        });
    }

    private void Take(PurgeCursor after, TimeSpan asked, PurgeRead read, int reads, Action<bool> done)
    {
        bool isNew = true;
        if (read.Gap)
        {
            _mirror.Purges.Restart(read.Through);
        }
        else
        {
            isNew = _mirror.Purges.TryAppend(after, new PurgeBatch { Through = read.Through, Entries = read.Entries });
        }

        if (isNew)
        {
            News();
        }

        if (isNew && read.Through == read.End)
        {
            // An answer that was long on its way says less than a later one.
            _comparedAt = _comparedAt > asked ? _comparedAt : asked;
            done(true);
        }
        else if (reads > 1)
        {
            Sync(reads - 1, done);
        }
        else
        {
            done(false);
        }
    }

    private void Connect(FeedLink link, EdgeHello hello, int life, bool isInStep)
    {
        // An answer that came twice connects once.
        if (life != _life || !isInStep || _feeds.Exists(f => f.Link == link))
        {
            return;
        }

        string connection = string.Create(CultureInfo.InvariantCulture, $"{Name}-{++_connections}");
        _members.Connect(hello, connection, _clock.Now);
        var feed = new Feed(link, hello)
        {
            LogEnd = _mirror.Purges.End,
            Position = new FeedPosition
            {
                Edge = hello.Edge,
                Connection = connection,
                ConfigEpoch = "",
                ConfigVersion = 0,
                Cursor = hello.Cursor,
                PeersVersion = "",
                Ahead = hello.TakesAhead ? 0 : null,
                Wait = TimeSpan.Zero,
            },
        };
        _feeds.Add(feed);
        link.Down(new SiloWelcome { Protocol = FeedProtocol.Version, Silo = Name });
        Acknowledged(hello.Edge);
        Pump(feed);
        Beat(feed);
    }

    private void Report(Feed feed, PurgeCursor cursor)
    {
        if (_members.Report(new PopReport { Edge = feed.Hello.Edge, Connection = feed.Position.Connection, Cursor = cursor }, _clock.Now))
        {
            Acknowledged(feed.Hello.Edge);
        }
    }

    /// <summary>A caller asks now how far its purges are. An edge that follows a later log has been told of a gap: that covers them, too.</summary>
    private void Acknowledged(string edge) => _promises.Acknowledged(
        edge,
        asked => _members.PurgeState(asked, _clock.Now).Edges.Any(e => e.Edge == edge && e.Acknowledged)
            || _members.Status().Edges.Any(e => e.Name == edge && EpochOf(e.Cursor) > EpochOf(asked)),
        _edges);

    private static int EpochOf(PurgeCursor cursor) => cursor.Epoch.Length == 0 ? 0 : int.Parse(cursor.Epoch, CultureInfo.InvariantCulture);

    private void News()
    {
        foreach (Feed feed in _feeds.ToArray())
        {
            Pump(feed);
        }
    }

    private void Beat(Feed feed)
    {
        if (_feeds.Contains(feed))
        {
            Pump(feed);
            if (feed.IsCaughtUp && _feeds.Contains(feed))
            {
                feed.Link.Down(Heartbeat(feed));
            }

            _scheduler.After(FeedProtocol.HeartbeatInterval, () => Beat(feed));
        }
    }

    private SiloHeartbeat Heartbeat(Feed feed) => new()
    {
        LogAgeSeconds = _promises.Mutation == Mutation.HeartbeatWithoutLog ? 0
            : _comparedAt is { } compared && feed.Position.Cursor == _mirror.Purges.End && _mirror.Purges.End.Epoch.Length > 0
                ? (_scheduler.Now - compared).TotalSeconds
                : null,
    };

    /// <summary>Sends what the edge lacks until that is nothing.</summary>
    private void Pump(Feed feed)
    {
        while (_feeds.Contains(feed) && !feed.IsReading)
        {
            if (_members.Check(feed.Hello.Edge, feed.Position.Connection, _clock.Now) != FeedVerdict.Messages)
            {
                _feeds.Remove(feed);
                feed.Link.Break();
                return;
            }

            MissingNews missing = _mirror.Missing(feed.Position);
            if (missing.ReadLog)
            {
                feed.IsReading = true;
                Read(feed, missing);
                return;
            }

            Send(feed, missing);
            if (missing.Messages.IsEmpty)
            {
                return;
            }
        }
    }

    private void Read(Feed feed, MissingNews missing)
    {
        bool isAnswered = false;
        _network.Send(Name, LogProcess.Name, () =>
        {
            if (_log.Read(missing.Next.Cursor) is { } read)
            {
                _network.Send(LogProcess.Name, Name, () =>
                {
                    if (!isAnswered && _feeds.Contains(feed))
                    {
                        isAnswered = true;
                        feed.IsReading = false;
                        MissingNews all = PopGrain.Add(missing, read);
                        Send(feed, all);
                        if (!all.Messages.IsEmpty)
                        {
                            Pump(feed);
                        }
                    }
                });
            }
        });
        // The call that is not answered ends the connection.
        _scheduler.After(TimeSpan.FromSeconds(3), () =>
        {
            if (!isAnswered && _feeds.Contains(feed))
            {
                feed.Link.Break();
            }
        });
    }

    private void Send(Feed feed, MissingNews missing)
    {
        foreach (SiloMessage message in missing.Messages)
        {
            feed.Link.Down(message);
        }

        feed.Position = missing.Next;
        bool hasItAll = !feed.IsCaughtUp && feed.Position.Cursor.Covers(feed.LogEnd);
        if (!feed.IsCaughtUp && (missing.Messages.IsEmpty || hasItAll))
        {
            feed.Link.Down(Heartbeat(feed));
            feed.IsCaughtUp = true;
        }
    }
}
