using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using OrleansCdn.Interop.Tests.Peers;

namespace OrleansCdn.Interop.Tests.Matrix;

/// <summary>docs/bgp-interop.md, out of what a run has seen.</summary>
internal static partial class MatrixPage
{
    /// <summary>Set: the page gets this run's figures although nothing else about it has changed.</summary>
    private const string Wanted = "CDN_INTEROP_PAGE";

    // artifacts/bin/Interop.Tests/release
    private static readonly string Root = Path.GetFullPath(Path.Combine(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory), "..", "..", "..", ".."));

    private static readonly PeerKind[] Peers = Enum.GetValues<PeerKind>();

    /// <summary>Figures are others in each run: they go to artifacts/test-results, and to the page only together with something that matters.</summary>
    public static async Task WriteAsync(IReadOnlyDictionary<(PeerKind Peer, string Case), CellOutcome> outcomes)
    {
        string text = await TextAsync(outcomes);
        string results = Path.Combine(Root, "artifacts", "test-results");
        Directory.CreateDirectory(results);
        await File.WriteAllTextAsync(Path.Combine(results, "bgp-interop.md"), text);

        string page = Path.Combine(Root, "docs", "bgp-interop.md");
        string before = File.Exists(page) ? await File.ReadAllTextAsync(page) : "";
        if (Environment.GetEnvironmentVariable(Wanted) is { Length: > 0 } || WithoutFigures(before) != WithoutFigures(text))
        {
            await File.WriteAllTextAsync(page, text);
        }
    }

    public static string WithoutFigures(string text) => Figures().Replace(text, "…");

    private static async Task<string> TextAsync(IReadOnlyDictionary<(PeerKind Peer, string Case), CellOutcome> outcomes)
    {
        var page = new StringBuilder(Head);
        List<string> heads = [];
        foreach (PeerKind peer in Peers)
        {
            heads.Add($"{PeerVersion.Name(peer)} {await PeerVersion.ReadAsync(peer)}");
        }

        page.Append("| case | ").AppendJoin(" | ", heads).Append(" |\n|---|").Insert(page.Length, "---|", Peers.Length).Append('\n');
        List<string> notes = [];
        foreach (InteropCase row in InteropCase.All)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{row.Id}`: {row.Text} | ").AppendJoin(" | ", Peers.Select(p => Mark(p, row, outcomes, notes))).Append(" |\n");
        }

        page.Append('\n').AppendJoin('\n', notes).Append("\n\n## How fast routes go\n\n").Append(Fast);
        page.Append("| | ").AppendJoin(" | ", Peers.Select(PeerVersion.Name)).Append(" |\n|---|").Insert(page.Length, "---|", Peers.Length).Append('\n');
        foreach ((string id, string text) in ((string, string)[])[(InteropCase.Killed, "announcer killed"), (InteropCase.Hangs, "announcer hangs, hold time 3 s")])
        {
            page.Append(CultureInfo.InvariantCulture, $"| {text} | ").AppendJoin(" | ", Peers.Select(p => Seconds(outcomes[(p, id)].Figure))).Append(" |\n");
        }

        return page.Append(Foot).ToString();
    }

    private static string Mark(PeerKind peer, InteropCase row, IReadOnlyDictionary<(PeerKind Peer, string Case), CellOutcome> outcomes, List<string> notes)
    {
        if (PeerLimits.NotInPeer.TryGetValue((peer, row.Id), out string? reason))
        {
            return $"not in this peer{Note(reason)}";
        }

        string mark = outcomes[(peer, row.Id)].HasPassed ? "passed" : "**failed**";
        return PeerLimits.Otherwise.TryGetValue((peer, row.Id), out string? how) ? mark + Note(how) : mark;

        string Note(string text)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{notes.Count + 1}. {PeerVersion.Name(peer)}, `{row.Id}`: {text}"));
            return string.Create(CultureInfo.InvariantCulture, $" ({notes.Count})");
        }
    }

    private static string Seconds(TimeSpan? figure) => figure is { } f ? string.Create(CultureInfo.InvariantCulture, $"{f.TotalSeconds:0.000} s") : "–";

    [GeneratedRegex(@"\d+\.\d{3} s|–")]
    private static partial Regex Figures();

    private const string Head = """
        # BGP with other implementations

        <!-- Written by tests/Interop.Tests; do not edit. -->

        The announcer as users run it, against the BGP daemons that Debian 12 has. Each case has two network namespaces of its own, one
        for either side, with a link between them, or with a router. What the peer has in its table is compared attribute by attribute:
        prefix, AS path, next hop, origin, communities of all three kinds; nothing that it should not have may be in it. ExaBGP keeps no
        table: there the events of its API are added up.

        """ + "\n";

    private const string Fast = """
        From the signal to the first answer of the peer that has none of the routes any more. Asking takes a few hundredths of a second of it.

        """ + "\n";

    private const string Foot = """

        ## Run it

        As root on Debian 12, with `bird2`, `frr`, `gobgpd`, `exabgp` and `iproute2`, which `./test.sh` installs (their services are not
        started, nor enabled):

        ```
        ./test.sh Interop
        ```

        One case with one peer:

        ```
        dotnet test tests/Interop.Tests -c Release --filter 'DisplayName~FrrTests&DisplayName~md5-wrong'
        ```

        A failure shows both sides' view of the session, the peer's routes, and the last lines of both logs. This page is written by a run of
        the whole matrix, when an outcome or a version has changed; `CDN_INTEROP_PAGE=1` writes it with new figures. Figures of every run:
        `artifacts/test-results/bgp-interop.md`. What a peer cannot do stands in `tests/Interop.Tests/Matrix/PeerLimits.cs` and nowhere else.

        By hand: give the announcer a file (`--standalone --desired FILE`, [announcer.md](announcer.md)) with your daemon as the neighbour. What the four need:
        FRR `no bgp ebgp-requires-policy` or a route map; GoBGP and FRR a next hop that is no loopback address; BIRD a short `error wait time`,
        or patience for a minute after an error; none of them a graceful restart: a helper would keep a dead announcer's routes.

        """;
}
