using System.Net;
using System.Net.Sockets;
using OrleansCdn.Announcer.Tests.Running;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests;

/// <summary>The real process, from a file, against a neighbour of raw octets.</summary>
public sealed class StandaloneTests : IDisposable
{
    private const string WithdrawIpv4 = "000418c000020000";

    private readonly TemporaryDirectory _directory = new();
    private readonly Socket _neighbor = RawBgpPeer.Listen();

    private string File => _directory["desired.json"];

    public void Dispose()
    {
        _neighbor.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task It_announces_what_the_file_says_and_says_goodbye()
    {
        await using AnnouncerRun announcer = Start(Sample.Route(Sample.Ipv4Prefix, 1, "64600:2914"));
        using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(_neighbor);
        _ = await peer.EstablishAsync(Sample.PeerAsn);
        Assert.Equal(
            "0000" + "001f" + "40010100" + "40020a0202000313fe000313fe" + "4003047f000001" + "c00804fc580b62" + "18c00002",
            Convert.ToHexStringLower(await peer.ReadAsync(RawBgpPeer.Update)));
        await announcer.SignalAsync("TERM");
        byte[] farewell = await peer.ReadAsync(RawBgpPeer.Notification);
        Assert.Equal([6, 2], farewell[..2]); // Cease, Administrative Shutdown
        Assert.Equal("the announcer of waw/waw1 is being stopped", System.Text.Encoding.UTF8.GetString(farewell.AsSpan(3)));
        Assert.Null(await peer.ReadAsync());
        peer.Dispose();
        Assert.Equal(0, await announcer.UntilExitAsync());
    }

    [Fact]
    public async Task A_changed_file_is_in_force_and_a_bad_one_changes_nothing()
    {
        await using AnnouncerRun announcer = Start(Sample.Route(Sample.Ipv4Prefix));
        using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(_neighbor);
        _ = await peer.EstablishAsync(Sample.PeerAsn);
        _ = await peer.ReadAsync(RawBgpPeer.Update);

        System.IO.File.WriteAllText(File, "{ \"epoch\": \"e1\",\n  \"upstreams\": [] }");
        await announcer.UntilLogAsync("what was desired before stays in force");
        Assert.Contains("desired.json: line 2", announcer.Log(), StringComparison.Ordinal);
        System.IO.File.WriteAllText(File, "{ \"epoch\": \"e1\",\n  \"upstream\": [] }");
        await announcer.UntilLogAsync("upstream: there is no such member");
        System.IO.File.Delete(File);
        await announcer.UntilLogAsync("cannot be read");

        Sample.Write(File, Sample.Desired(Sample.Upstream("u", _neighbor.LocalEndPoint!)));
        Assert.Equal(WithdrawIpv4, Convert.ToHexStringLower(await peer.ReadAsync(RawBgpPeer.Update)));
        await announcer.UntilLogAsync("was read again and is in force");

        Sample.Write(File, Sample.Desired());
        Assert.Equal("0603", Convert.ToHexStringLower(await peer.ReadAsync(RawBgpPeer.Notification))); // Peer De-configured
    }

    [Fact]
    public async Task A_killed_announcer_is_gone_at_once()
    {
        await using AnnouncerRun announcer = Start(Sample.Route(Sample.Ipv4Prefix));
        using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(_neighbor);
        _ = await peer.EstablishAsync(Sample.PeerAsn);
        _ = await peer.ReadAsync(RawBgpPeer.Update);
        Task<(byte Type, byte[] Body)?> next = peer.ReadAsync();
        long start = TimeProvider.System.GetTimestamp();
        await announcer.SignalAsync("KILL");
        Assert.Null(await next);

        // Far below the hold time of 90 s: it is the kernel that closes, not a timer.
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_stopped_announcer_falls_silent_and_is_back_when_it_goes_on()
    {
        await using AnnouncerRun announcer = Start(holdSeconds: 3, Sample.Route(Sample.Ipv4Prefix));
        using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(_neighbor);
        _ = await peer.EstablishAsync(Sample.PeerAsn, hold: 3);
        _ = await peer.ReadAsync(RawBgpPeer.Update);
        await announcer.SignalAsync("STOP");

        // What any neighbour does: nothing for the hold time, and it is over (RFC 4271 §6.5).
        while (true)
        {
            Task<(byte Type, byte[] Body)?> next = peer.ReadAsync();
            if (await Task.WhenAny(next, Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System)) != next)
            {
                break;
            }

            Assert.Equal(RawBgpPeer.Keepalive, (await next)!.Value.Type);
        }

        await peer.SendAsync(RawBgpPeer.Notification, new byte[] { 4, 0 });
        peer.Dispose();
        await announcer.SignalAsync("CONT");
        using RawBgpPeer again = await RawBgpPeer.AcceptAsync(_neighbor);
        _ = await again.EstablishAsync(Sample.PeerAsn, hold: 3);
        _ = await again.ReadAsync(RawBgpPeer.Update);
    }

    [Fact]
    public async Task A_file_that_cannot_be_used_at_the_start_ends_it_with_every_mistake()
    {
        DesiredUpstream upstream = Sample.Upstream("u", _neighbor.LocalEndPoint!, 1, Sample.Route(Sample.Ipv4Prefix, prepend: 6));
        Sample.Write(File, Sample.Desired(upstream with { Asn = 0 }));
        await using AnnouncerRun announcer = AnnouncerRun.Start("--standalone", "--desired", File);
        Assert.Equal(1, await announcer.UntilExitAsync());
        await announcer.UntilLogAsync("upstreams[0].asn: expected an AS number above 0");
        await announcer.UntilLogAsync("upstreams[0].routes[0].prepend: expected 0 to 5");
    }

    [Fact]
    public async Task Nothing_is_announced_before_the_edge_has_answered_and_it_is_less_preferred_and_not_withdrawn_when_it_no_longer_does()
    {
        using var edge = new ProbedEdge();
        Write(90, Sample.Route(Sample.Ipv4Prefix));
        await using AnnouncerRun announcer = AnnouncerRun.Start(
            "--standalone", "--desired", File, "--probe", edge.Url, "--rise", "2");
        using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(_neighbor);
        _ = await peer.EstablishAsync(Sample.PeerAsn);
        await announcer.UntilLogAsync("does not answer its probe");
        Task<byte[]> update = peer.ReadAsync(RawBgpPeer.Update);
        Assert.False(update.IsCompleted);
        edge.IsWell = true;
        Assert.EndsWith("18c00002", Convert.ToHexStringLower(await update), StringComparison.Ordinal);

        // Alone it has nobody who could stay for it: less preferred, and no more than that.
        edge.IsWell = false;
        Assert.Contains("c00804ffff0000", Convert.ToHexStringLower(await peer.ReadAsync(RawBgpPeer.Update)), StringComparison.Ordinal);
        int asked = edge.Asked;
        await Seen.UntilAsync("probes that fail", () => edge.Asked > asked + 3);
        await announcer.SignalAsync("TERM"); // The next thing that is heard: there was no withdrawal in between.
        while (true)
        {
            (byte type, byte[] body) = (await peer.ReadAsync())!.Value;
            Assert.NotEqual(RawBgpPeer.Update, type);
            if (type == RawBgpPeer.Notification)
            {
                Assert.Equal([6, 2], body[..2]);
                break;
            }
        }
    }

    [Fact]
    public async Task The_status_page_shows_what_is_held_back_and_what_is_announced()
    {
        using var edge = new ProbedEdge();
        Write(90, Sample.Route(Sample.Ipv4Prefix));
        await using AnnouncerRun announcer = AnnouncerRun.Start(
            "--standalone", "--desired", File, "--probe", edge.Url, "--rise", "1", "--admin", "127.0.0.1:0", "--router-id", "192.0.2.77");
        const string Before = "status page: ";
        await announcer.UntilLogAsync(Before);
        string log = announcer.Log();
        string address = log[(log.IndexOf(Before, StringComparison.Ordinal) + Before.Length)..].Split('\n')[0].Trim();
        using HttpClient http = new() { BaseAddress = new Uri($"http://{address}") };
        await UntilAsync("/health", HttpStatusCode.ServiceUnavailable, "does not answer its probe yet");
        edge.IsWell = true;
        using RawBgpPeer peer = await RawBgpPeer.AcceptAsync(_neighbor);
        _ = await peer.EstablishAsync(Sample.PeerAsn);
        _ = await peer.ReadAsync(RawBgpPeer.Update);
        await UntilAsync("/health", HttpStatusCode.OK, "\"status\": \"Ok\"");
        await UntilAsync("/health", HttpStatusCode.OK, "\"level\": \"Normal\"");
        await UntilAsync("/status", HttpStatusCode.OK, "\"routerId\": \"192.0.2.77\"");
        await UntilAsync("/metrics", HttpStatusCode.OK, $"cdn_announcer_session_advertised{{upstream=\"u\",neighbor=\"{_neighbor.LocalEndPoint}\"}} 1");
        await UntilAsync("/metrics", HttpStatusCode.OK, "cdn_announcer_failover_phase{phase=\"Announced\"} 1");
        await UntilAsync("/metrics", HttpStatusCode.OK, "cdn_announcer_check_ok{check=\"url\",hard=\"true\"} 1");
        await UntilAsync("/other", HttpStatusCode.NotFound, "There are /health, /status and /metrics.");
        using HttpResponseMessage posted = await http.PostAsync("/health", null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);

        async Task UntilAsync(string path, HttpStatusCode status, string text)
        {
            string last = "";
            for (int attempt = 0; attempt < 1000; attempt++)
            {
                using HttpResponseMessage answer = await http.GetAsync(path);
                last = $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
                if (answer.StatusCode == status && last.Contains(text, StringComparison.Ordinal))
                {
                    return;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }

            Assert.Fail($"{path}: {last}");
        }
    }

    private AnnouncerRun Start(params DesiredRoute[] routes) => Start(90, routes);

    private AnnouncerRun Start(double holdSeconds, params DesiredRoute[] routes)
    {
        Write(holdSeconds, routes);
        return AnnouncerRun.Start("--standalone", "--desired", File, "--no-probe", "--pop", "waw", "--edge", "waw1");
    }

    private void Write(double holdSeconds, params DesiredRoute[] routes)
    {
        DesiredUpstream upstream = Sample.Upstream("u", _neighbor.LocalEndPoint!, 1, [.. routes]);
        Sample.Write(File, Sample.Desired(upstream with { Sessions = [Sample.Session(_neighbor.LocalEndPoint!, holdSeconds)] }));
    }
}
