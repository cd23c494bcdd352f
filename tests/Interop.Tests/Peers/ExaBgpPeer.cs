using System.Collections.Immutable;
using System.Text.Json;
using OrleansCdn.Interop.Tests.Network;

namespace OrleansCdn.Interop.Tests.Peers;

/// <summary>
/// ExaBGP, which keeps no table: a helper process of its own API gets each event as a line of JSON, and what it announces and withdraws
/// is kept here.
/// </summary>
internal sealed class ExaBgpPeer(Lab lab, PeerSettings settings) : Peer(lab, settings)
{
    private readonly ExaBgpEvents _events = new();
    private long _read;

    private string Events => PathOf("events");

    private string Commands => PathOf("commands");

    public override Task<ImmutableArray<SeenRoute>> RoutesAsync()
    {
        ReadEvents();
        return Task.FromResult(_events.Routes);
    }

    public override Task<SeenSession> SessionAsync()
    {
        ReadEvents();
        return Task.FromResult(_events.Session);
    }

    public override Task RefreshAsync() => TellAsync($"neighbor {Settings.Announcer} announce route-refresh {(Settings.Ipv4 ? "ipv4" : "ipv6")} unicast");

    /// <summary>It has no limit of prefixes of its own; who drives it ends the session with the subcode of that limit.</summary>
    public Task EndForTooManyPrefixesAsync() => TellAsync($"neighbor {Settings.Announcer} teardown 1");

    protected override Task<Daemon> LaunchAsync()
    {
        // What a former process has said ended with it.
        _events.Forget();
        _read = 0;
        File.WriteAllText(Events, "");
        File.WriteAllText(Commands, "");
        File.WriteAllText(PathOf("helper"), $"tail -q -n +1 -f -s 0.1 --pid=$PPID '{Commands}' &\nexec cat >>'{Events}'\n");
        File.WriteAllText(PathOf("exabgp.conf"), Configuration());
        return Task.FromResult(Daemon.Start(
            Lab.Peer,
            PathOf("exabgp.log"),
            "exabgp",
            [PathOf("exabgp.conf")],
            ("exabgp_daemon_user", "root"),
            ("exabgp_api_cli", "false"),
            ("exabgp_log_destination", "stdout")));
    }

    private string Configuration() => Text($$"""
        process watch { run /bin/sh {{PathOf("helper")}}; encoder json; }
        neighbor {{Settings.Announcer}} {
          router-id 198.51.100.2;
          local-address {{Settings.Local}};
          local-as {{Settings.Asn}};
          peer-as {{Settings.RemoteAsn}};
          passive true;
          listen 179;
          {{(Settings.Password is { } password ? $"md5-password '{password}';" : "")}}
          {{(Settings.TtlSecurity ? "outgoing-ttl 255; incoming-ttl 255;" : "")}}
          family { {{(Settings.Ipv4 ? "ipv4 unicast;" : "")}} {{(Settings.Ipv6 ? "ipv6 unicast;" : "")}} }
          capability { route-refresh enable; asn4 {{(Settings.FourOctetAs ? "enable" : "disable")}}; }
          api { processes [ watch ]; neighbor-changes; receive { parsed; update; open; notification; } }
        }
        """);

    private Task TellAsync(string command) => File.AppendAllTextAsync(Commands, command + "\n");

    private void ReadEvents()
    {
        using var file = new FileStream(Events, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = _read;
        using var reader = new StreamReader(file);
        string text = reader.ReadToEnd();
        int end = text.LastIndexOf('\n') + 1;
        _read += System.Text.Encoding.UTF8.GetByteCount(text.AsSpan(0, end));
        foreach (string line in text[..end].Split('\n').Where(l => l.StartsWith('{')))
        {
            using JsonDocument said = JsonDocument.Parse(line);
            _events.Take(said.RootElement);
        }
    }
}
