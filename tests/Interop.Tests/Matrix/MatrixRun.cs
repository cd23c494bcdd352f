using System.Collections.Concurrent;
using OrleansCdn.Interop.Tests.Peers;

namespace OrleansCdn.Interop.Tests.Matrix;

/// <summary>Runs cells and keeps what came of them; the last one writes the page.</summary>
internal static class MatrixRun
{
    private static readonly ConcurrentDictionary<(PeerKind Peer, string Case), CellOutcome> Outcomes = [];

    private static int Expected => (Enum.GetValues<PeerKind>().Length * InteropCase.All.Length) - PeerLimits.NotInPeer.Count;

    public static TheoryData<string> CasesOf(PeerKind peer) =>
        [.. InteropCase.All.Select(c => c.Id).Where(id => !PeerLimits.NotInPeer.ContainsKey((peer, id)))];

    public static async Task RunAsync(PeerKind peer, string name)
    {
        var cell = new Cell(peer);
        bool hasPassed = false;
        try
        {
            await InteropCase.Get(name).RunAsync(cell);
            hasPassed = true;
        }
        finally
        {
            Outcomes[(peer, name)] = new CellOutcome(hasPassed, cell.Figure);

            // A part of the matrix is no matrix: a run with a filter leaves the page as it is.
            if (Outcomes.Count == Expected)
            {
                await MatrixPage.WriteAsync(Outcomes);
            }
        }
    }
}

/// <param name="HasPassed">Whether what must hold held.</param>
/// <param name="Figure">What was measured; null: nothing is.</param>
internal sealed record CellOutcome(bool HasPassed, TimeSpan? Figure);
