using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansCdn.Announcer.Control;
using OrleansCdn.Announcer.Desired;
using OrleansCdn.Announcer.Failover;
using OrleansCdn.Announcer.Health;
using OrleansCdn.Announcer.Tests.Running;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Failover;
using OrleansCdn.Node.Disk;
using OrleansCdn.Node.Links;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests.Failover;

/// <summary>One announcer but for its sockets: the real driver, disk and words, a clock that is moved by hand, and a process that can be killed at any point.</summary>
internal sealed class Shell : IDisposable
{
    private readonly TemporaryDirectory _data = new();
    private readonly FakeTimeProvider _time;
    private readonly DesiredAnnouncements _desired;
    private readonly bool _hasDisk;
    private StateDirectory? _directory;
    private AnnouncerSession _session = null!;
    private int _sinceProbe;

    public Shell(FakeTimeProvider time, KnownServer self, FailoverPlan? plan, bool hasDisk = true)
    {
        (_time, Self, _hasDisk) = (time, self, hasDisk);
        _desired = Sample.Desired() with { Failover = plan };
        Start();
    }

    public KnownServer Self { get; }

    public FailoverDriver Driver { get; private set; } = null!;

    public FailoverKeeper Keeper { get; private set; } = null!;

    public FailoverOutbox Outbox { get; private set; } = null!;

    public AnnouncerState State { get; private set; } = null!;

    /// <summary>What the sessions were told last; they obey at once.</summary>
    public AnnouncementLevel Level { get; private set; }

    public List<AnnouncementLevel> Levels { get; } = [];

    public bool EdgeAnswers { get; set; } = true;

    public bool IsConnected { get; set; } = true;

    /// <summary>The disk's task gets no turn: a write that hangs.</summary>
    public bool DiskHangs { get; set; }

    public FailoverStatus Status => State.Failover!.Status;

    /// <summary>Where the temporary file would be: a directory there is a disk that refuses.</summary>
    private string Obstacle => Path.Combine(_data.Path, DesiredStore.DirectoryName, FailoverStore.FileName + ".new");

    public void Start()
    {
        _directory = StateDirectory.Open(_data.Path, DesiredStore.DirectoryName, NullLogger.Instance);
        FailoverStore store = new(_directory, Self.Pop, Self.Server);
        State = new AnnouncerState();
        _ = State.Offer(_desired);
        Keeper = new FailoverKeeper(_hasDisk ? store : null, new WakeUp(), _time, NullLogger.Instance);
        Outbox = new FailoverOutbox(_time);
        Level = AnnouncementLevel.Withdrawn;
        _session = new AnnouncerSession(Self.Server);
        _ = _session.Step(new AnnouncerWelcome(AnnouncerProtocol.Version, "s"));
        FailoverHooks hooks = new()
        {
            Self = Self,
            SetLevel = level =>
            {
                Level = level;
                Levels.Add(level);
            },
            IsOnWire = () => Level != AnnouncementLevel.Withdrawn,
            IsConnected = () => IsConnected,
            Keeper = Keeper,
            Outbox = Outbox,
            State = State,
            Time = _time,
        };
        Driver = new FailoverDriver(hooks, _hasDisk ? store.Load() : null, firstRise: null, new Random(7), NullLogger.Instance);
        Driver.Tick();
    }

    /// <summary>SIGKILL: what is not on the disk is gone.</summary>
    public void Kill()
    {
        _directory!.Dispose();
        _directory = null;
    }

    /// <summary>A quarter of a second of its life.</summary>
    public void Turn()
    {
        if (_directory is null)
        {
            return;
        }

        if (_sinceProbe++ % 4 == 0)
        {
            CheckFailure? failure = EdgeAnswers ? null : new CheckFailure("http", "no answer within 2 s");
            Driver.Take(new HealthRound { Checks = [new HealthCheckStatus("http", true, EdgeAnswers, failure?.Evidence ?? "answered", _time.GetUtcNow())], Hard = failure });
        }

        Driver.Tick();
        Write();
    }

    public void Write()
    {
        if (!DiskHangs && Keeper.CatchUp())
        {
            Driver.CatchUp();
        }
    }

    public void Refuse() => Directory.CreateDirectory(Obstacle);

    public void Accept() => Directory.Delete(Obstacle);

    /// <summary>What it has to say, as the octets of a line.</summary>
    public FailoverWord? Say()
    {
        if (_directory is null || !IsConnected || Outbox.Take() is not { } word)
        {
            return null;
        }

        Outbox.Said(word);
        byte[] line = JsonSerializer.SerializeToUtf8Bytes<AnnouncerMessage>(word, ContractsJson.Default.AnnouncerMessage);
        return (FailoverWord)LineMessage.Parse(new ReadOnlySequence<byte>(line), ContractsJson.Default.AnnouncerMessage);
    }

    /// <summary>By the way of a line of the feed, with what is checked there.</summary>
    public void Hear(FailoverNews news)
    {
        if (_directory is null || !IsConnected)
        {
            return;
        }

        byte[] line = JsonSerializer.SerializeToUtf8Bytes<AnnouncerOrder>(news, ContractsJson.Default.AnnouncerOrder);
        AnnouncerStep step = _session.Step(LineMessage.Parse(new ReadOnlySequence<byte>(line), ContractsJson.Default.AnnouncerOrder));
        Assert.Equal(0, step.Refused);
        Driver.Take(step.News!);
    }

    public void Dispose()
    {
        _directory?.Dispose();
        _data.Dispose();
    }
}

/// <summary>Announcers of several PoPs and what carries their words.</summary>
internal sealed class Shells : IDisposable
{
    private readonly FakeTimeProvider _time = new();

    public Shells(params string[] pops)
    {
        ImmutableArray<KnownServer> servers = [.. pops.Select(pop => new KnownServer($"{pop}1", pop))];
        All = [.. servers.Select(server => new Shell(_time, server, new FailoverPlan(servers, FailoverPolicy.Default)))];
    }

    public ImmutableArray<Shell> All { get; }

    public Shell this[int i] => All[i];

    /// <summary>All silos are gone.</summary>
    public void Cut()
    {
        foreach (Shell shell in All)
        {
            shell.IsConnected = false;
        }
    }

    public void Run(double seconds)
    {
        for (int quarter = 0; quarter < seconds * 4; quarter++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            foreach (Shell shell in All)
            {
                shell.Turn();
            }

            Carry();
        }
    }

    public void UntilAnnounced()
    {
        // With what a process that has just begun may not do yet: nothing is known of what the one before has promised.
        Run(40);
        Assert.All(All, shell => Assert.Equal(AnnouncementLevel.Normal, shell.Level));
    }

    public void Carry()
    {
        for (bool isMore = true; isMore;)
        {
            isMore = false;
            foreach (Shell from in All)
            {
                if (from.Say() is not { } word)
                {
                    continue;
                }

                isMore = true;
                foreach (Shell to in All.Where(shell => shell != from))
                {
                    to.Hear(new FailoverNews
                    {
                        Views = word.View is { } view ? [view] : [],
                        Questions = [.. word.Questions.Where(q => q.Server == to.Self.Server).Select(q => q.Request)],
                        Replies = [.. word.Replies.Where(r => r.Server == to.Self.Server).Select(r => r.Answer)],
                    });
                }
            }
        }
    }

    public void Dispose()
    {
        foreach (Shell shell in All)
        {
            shell.Dispose();
        }
    }
}
