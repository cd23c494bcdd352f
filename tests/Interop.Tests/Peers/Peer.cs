using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Interop.Tests.Network;

namespace OrleansCdn.Interop.Tests.Peers;

/// <summary>A BGP daemon of others on the peer's host: how it is configured, asked and told.</summary>
internal abstract class Peer(Lab lab, PeerSettings settings) : IAsyncDisposable
{
    private const int BgpPort = 179;

    protected static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    /// <summary>A daemon that is stopped takes questions and answers none: a failure that is being described must not hang on it.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    protected Lab Lab => lab;

    /// <summary>What it is started with the next time.</summary>
    public PeerSettings Settings { get; set; } = settings;

    /// <summary>The process that speaks BGP.</summary>
    public Daemon Speaker { get; private set; } = null!;

    public static Peer Create(PeerKind kind, Lab lab, PeerSettings settings) => kind switch
    {
        PeerKind.Bird => new BirdPeer(lab, settings),
        PeerKind.Frr => new FrrPeer(lab, settings),
        PeerKind.GoBgp => new GoBgpPeer(lab, settings),
        PeerKind.ExaBgp => new ExaBgpPeer(lab, settings),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Until it listens.</summary>
    public async Task StartAsync()
    {
        Speaker?.Dispose();
        Speaker = await LaunchAsync();
        _ = await Poll.UntilAsync("the peer listens", StartLimit, () => Task.FromResult(Listens()), () => Task.FromResult(Speaker.LastWords()));
    }

    /// <summary>The routes that it has from the announcer and would use.</summary>
    public abstract Task<ImmutableArray<SeenRoute>> RoutesAsync();

    public abstract Task<SeenSession> SessionAsync();

    /// <summary>Makes it ask for all routes again (RFC 2918).</summary>
    public abstract Task RefreshAsync();

    public virtual async ValueTask DisposeAsync()
    {
        if (Speaker is not null)
        {
            await Speaker.KillAsync();
            Speaker.Dispose();
        }
    }

    protected abstract Task<Daemon> LaunchAsync();

    /// <summary>An answer on a daemon's own socket.</summary>
    /// <exception cref="IOException">None in time.</exception>
    protected static async Task<string> InTimeAsync(Func<CancellationToken, Task<string>> ask)
    {
        using var limit = new CancellationTokenSource(AnswerLimit);
        try
        {
            return await ask(limit.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new IOException($"no answer within {AnswerLimit.TotalSeconds} s", e);
        }
    }

    protected string PathOf(string name) => Path.Combine(lab.Directory, name);

    /// <summary>Number, local address and port, foreign ones, state 0A (LISTEN): <c>proc_net_tcp.txt</c> of the kernel.</summary>
    private bool Listens()
    {
        if (Speaker.HasExited)
        {
            throw new InvalidOperationException($"the peer has ended: {Speaker.LastWords()}");
        }

        try
        {
            return ((string[])["tcp", "tcp6"]).Any(table =>
                File.ReadLines($"/proc/{Speaker.Id}/net/{table}").Skip(1).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Any(columns =>
                    columns[3] == "0A" && columns[1].EndsWith($":{BgpPort:X4}", StringComparison.Ordinal)));
        }
        catch (IOException)
        {
            return false; // It has just ended.
        }
    }

    protected static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
