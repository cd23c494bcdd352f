using System.Text;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Silo.Tests.Routing;

public sealed class AnnouncerFeedTests : IAsyncLifetime
{
    private RunningSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await RoutedSilo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task An_announcer_is_sent_all_that_its_PoP_is_to_do()
    {
        await using ScriptedAnnouncer grr = await ScriptedAnnouncer.ConnectAsync(_silo.Feed, ScriptedAnnouncer.Hello("grr", "grr1"));
        DesiredAnnouncements desired = await grr.NextAsync<DesiredAnnouncements>();
        Assert.Equal((1L, 64500u), (desired.ConfigVersion, desired.Asn));
        Assert.Equal("2001:db8:1000::/48", Assert.Single(desired.AllowedPrefixes).ToString());
        Assert.Equal([("hurricane-electric", 6939u, 1L), ("123net", 12129u, 1L)], desired.Upstreams.Select(u => (u.Id, u.Asn, u.Revision)));
        Assert.Equal("[2001:db8:6939::1]:179", Assert.Single(desired.Upstreams[0].Sessions).Neighbor.ToString());
        Assert.Equal([1, 0], desired.Upstreams.Select(u => Assert.Single(u.Routes).Prepend));
    }

    [Fact]
    public async Task A_new_config_is_sent_and_what_did_not_change_keeps_its_revision()
    {
        await using ScriptedAnnouncer grr = await ScriptedAnnouncer.ConnectAsync(_silo.Feed, ScriptedAnnouncer.Hello("grr", "grr1"));
        await grr.NextAsync<DesiredAnnouncements>();
        await _silo.Admin.AppliedAsync(RoutedSilo.Yaml.Replace("prepend: 1 }\n", "prepend: 2 }\n", StringComparison.Ordinal));
        DesiredAnnouncements desired = await grr.DesiredAsync(d => d.ConfigVersion == 2 && d.Upstreams[0].Revision == 2);
        Assert.Equal(2, Assert.Single(desired.Upstreams[0].Routes).Prepend);
        Assert.Equal(1, desired.Upstreams[1].Revision);
    }

    [Fact]
    public async Task Who_is_not_in_the_config_is_refused_with_what_is()
    {
        foreach ((string pop, string edge, string says) in new[] { ("nope", "x", "'waw'"), ("grr", "x", "'grr1'") })
        {
            await using ScriptedAnnouncer announcer = await ScriptedAnnouncer.OpenAsync(_silo.Feed, ScriptedAnnouncer.Line(ScriptedAnnouncer.Hello(pop, edge)));
            Assert.Contains(says, (await announcer.NextAsync<AnnouncerRefusal>()).Reason, StringComparison.Ordinal);
            Assert.Null(await announcer.NextLineAsync());
        }
    }

    [Theory]
    [InlineData("{\"type\":\"heartbeat\"}\n", "hello")]
    [InlineData("nonsense\n", "not a message")]
    [InlineData("{\"type\":\"hello\"}\n", "not a message")]
    [InlineData("{}\n", "hello, report, failover or heartbeat")]
    public async Task What_is_no_hello_is_refused(string line, string says)
    {
        await using ScriptedAnnouncer announcer = await ScriptedAnnouncer.OpenAsync(_silo.Feed, Encoding.UTF8.GetBytes(line));
        Assert.Contains(says, (await announcer.NextAsync<AnnouncerRefusal>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_protocol_and_names_that_forge_logs_are_refused()
    {
        foreach (AnnouncerHello hello in new[]
        {
            ScriptedAnnouncer.Hello("grr", "grr1") with { Protocol = 99 },
            ScriptedAnnouncer.Hello("grr", "grr1\n"),
            ScriptedAnnouncer.Hello("grr", "grr1") with { Admin = "javascript:x" },
        })
        {
            await using ScriptedAnnouncer announcer = await ScriptedAnnouncer.OpenAsync(_silo.Feed, ScriptedAnnouncer.Line(hello));
            await announcer.NextAsync<AnnouncerRefusal>();
        }
    }

    [Fact]
    public async Task A_line_too_long_ends_the_connection_and_a_long_report_does_not()
    {
        await using ScriptedAnnouncer grr = await ScriptedAnnouncer.ConnectAsync(_silo.Feed, ScriptedAnnouncer.Hello("grr", "grr1"));
        DesiredAnnouncements desired = await grr.NextAsync<DesiredAnnouncements>();
        AnnouncerReport report = ScriptedAnnouncer.Report(desired);
        grr.Send(report with { Problems = [new string('x', AnnouncerProtocol.MaxAnnouncerLineBytes - 10_000)] });
        grr.Send(new AnnouncerHeartbeat());
        grr.SendRaw(new byte[AnnouncerProtocol.MaxAnnouncerLineBytes + 1]);
        Assert.Contains("longer", (await grr.NextAsync<AnnouncerRefusal>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_connection_ends_the_older()
    {
        await using ScriptedAnnouncer one = await ScriptedAnnouncer.ConnectAsync(_silo.Feed, ScriptedAnnouncer.Hello("grr", "grr1"));
        await one.NextAsync<DesiredAnnouncements>();
        await using ScriptedAnnouncer two = await ScriptedAnnouncer.ConnectAsync(_silo.Feed, ScriptedAnnouncer.Hello("grr", "grr1", "i2"));
        await two.NextAsync<DesiredAnnouncements>();
        Assert.Contains("newer connection", (await one.NextAsync<AnnouncerRefusal>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_that_was_killed_comes_back_with_the_same_revisions()
    {
        TestData data = _silo.Data;
        await using (ScriptedAnnouncer grr = await ScriptedAnnouncer.ConnectAsync(_silo.Feed, ScriptedAnnouncer.Hello("grr", "grr1")))
        {
            await grr.NextAsync<DesiredAnnouncements>();
        }

        await _silo.DisposeAsync();
        _silo = await RunningSilo.StartAsync(data);
        await using ScriptedAnnouncer again = await ScriptedAnnouncer.ConnectAsync(_silo.Feed, ScriptedAnnouncer.Hello("grr", "grr1"));
        DesiredAnnouncements desired = await again.NextAsync<DesiredAnnouncements>();
        Assert.Equal([1L, 1L], desired.Upstreams.Select(u => u.Revision));
    }
}
