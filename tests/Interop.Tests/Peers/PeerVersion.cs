using System.Diagnostics;
using System.Text.RegularExpressions;

namespace OrleansCdn.Interop.Tests.Peers;

/// <summary>What a peer says that it is.</summary>
internal static partial class PeerVersion
{
    public static string Name(PeerKind kind) => kind switch
    {
        PeerKind.Bird => "BIRD",
        PeerKind.Frr => "FRR",
        PeerKind.GoBgp => "GoBGP",
        PeerKind.ExaBgp => "ExaBGP",
        _ => throw new UnreachableException(),
    };

    public static async Task<string> ReadAsync(PeerKind kind)
    {
        string program = kind switch
        {
            PeerKind.Bird => "bird",
            PeerKind.Frr => FrrPeer.SpeakerProgram,
            PeerKind.GoBgp => "gobgpd",
            PeerKind.ExaBgp => "exabgp",
            _ => throw new UnreachableException(),
        };

        // BIRD says it on standard error.
        return Numbers().Match(await Network.Shell.RunAsync($"{program} --version 2>&1")).Value;
    }

    [GeneratedRegex(@"\d+(\.\d+)+")]
    private static partial Regex Numbers();
}
