using System.Text;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Silo.Tests.Routing;

namespace OrleansCdn.Silo.Tests.Failover;

/// <summary>What announcers of several PoPs say to each other through a silo.</summary>
public sealed class FailoverFeedTests : IAsyncLifetime
{
    private RunningSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await RoutedSilo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    private Task<ScriptedAnnouncer> ConnectAsync(string pop, string instance = "i1") => ScriptedAnnouncer.ConnectAsync(_silo.Feed, ScriptedAnnouncer.Hello(pop, $"{pop}1", instance));

    [Fact]
    public async Task The_plan_comes_with_the_desired_state()
    {
        await using ScriptedAnnouncer waw = await ConnectAsync("waw");
        DesiredAnnouncements desired = await waw.NextAsync<DesiredAnnouncements>();
        Assert.Equal([new("waw1", "waw"), new("lax1", "lax"), new("grr1", "grr")], desired.Failover!.Servers.AsEnumerable());
        Assert.Equal(FailoverPolicy.Default, desired.Failover.Policy);
        await _silo.Admin.AppliedAsync(RoutedSilo.Yaml.Replace("asn: 64500,", "asn: 64500, failover: { floor: 2, drain: 2s },", StringComparison.Ordinal));
        desired = await waw.DesiredAsync(d => d.ConfigVersion == 2);
        Assert.Equal((2, TimeSpan.FromSeconds(2)), (desired.Failover!.Policy.Floor, desired.Failover.Policy.DepreferFor));
    }

    [Fact]
    public async Task Views_questions_and_replies_go_from_PoP_to_PoP()
    {
        await using ScriptedAnnouncer waw = await ConnectAsync("waw");
        await using ScriptedAnnouncer lax = await ConnectAsync("lax");
        await using ScriptedAnnouncer grr = await ConnectAsync("grr");
        PeerView view = await MeetAsync(waw, lax);
        Assert.Equal(view, await grr.ViewAsync("waw1", _ => true));

        var request = new PledgeRequest(77, "waw1", "waw", IsVoluntary: false, "http");
        waw.Send(new FailoverWord { Questions = [new PledgeQuestion("lax1", request)] });
        Assert.Equal(request, Assert.Single((await lax.NewsAsync(news => !news.Questions.IsEmpty)).Questions));

        var answer = new PledgeAnswer(77, "lax1", "lax", IsGranted: false, "is to go itself");
        lax.Send(new FailoverWord { Replies = [new PledgeReply("waw1", answer)] });
        Assert.Equal(answer, Assert.Single((await waw.NewsAsync(news => !news.Replies.IsEmpty)).Replies));
    }

    [Fact]
    public async Task A_new_connection_is_brought_what_is_said_and_the_older_one_ends()
    {
        await using ScriptedAnnouncer waw = await ConnectAsync("waw");
        await using ScriptedAnnouncer former = await ConnectAsync("lax");
        await MeetAsync(waw, former);
        await using ScriptedAnnouncer lax = await ConnectAsync("lax", "i2");
        await MeetAsync(waw, lax, sequence: 1000);
        Assert.Contains("newer connection", (await former.NextAsync<AnnouncerRefusal>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_restart_of_the_silo_words_go_on()
    {
        await using (ScriptedAnnouncer waw = await ConnectAsync("waw"))
        await using (ScriptedAnnouncer lax = await ConnectAsync("lax"))
        {
            await MeetAsync(waw, lax);
        }

        TestData data = _silo.Data;
        await _silo.DisposeAsync();
        _silo = await RunningSilo.StartAsync(data);
        await using (ScriptedAnnouncer waw = await ConnectAsync("waw"))
        await using (ScriptedAnnouncer lax = await ConnectAsync("lax"))
        {
            await MeetAsync(lax, waw);
            await MeetAsync(waw, lax);
        }
    }

    /// <summary>Who could speak for another server could promise in its name.</summary>
    [Theory]
    [InlineData("{\"type\":\"failover\",\"view\":{\"server\":\"lax1\",\"pop\":\"lax\",\"instance\":1,\"sequence\":1,\"phase\":\"Announced\",\"level\":\"Normal\",\"isOnWire\":true,\"isWell\":true}}", "a view is that of waw/waw1")]
    [InlineData("{\"type\":\"failover\",\"view\":{\"server\":\"waw1\",\"pop\":\"lax\",\"instance\":1,\"sequence\":1,\"phase\":\"Announced\",\"level\":\"Normal\",\"isOnWire\":true,\"isWell\":true}}", "a view is that of waw/waw1")]
    [InlineData("{\"type\":\"failover\",\"view\":{\"server\":\"waw1\",\"pop\":\"waw\",\"instance\":1,\"sequence\":1,\"phase\":77,\"level\":\"Normal\",\"isOnWire\":true,\"isWell\":true}}", "a view is that of waw/waw1")]
    [InlineData("{\"type\":\"failover\",\"replies\":[{\"server\":\"waw1\",\"answer\":{\"id\":1,\"server\":\"lax1\",\"pop\":\"lax\",\"isGranted\":true}}]}", "a reply is for a server, and by waw/waw1")]
    [InlineData("{\"type\":\"failover\",\"questions\":[{\"server\":\"lax1\",\"request\":{\"id\":1,\"server\":\"grr1\",\"pop\":\"grr\",\"isVoluntary\":true}}]}", "a question is for a server, and by waw/waw1")]
    [InlineData("{\"type\":\"failover\",\"questions\":[null]}", "a question is for a server")]
    [InlineData("{\"type\":\"failover\",\"replies\":[null]}", "a reply is for a server")]
    [InlineData("{\"type\":\"failover\",\"notes\":[null]}", "a note is from a phase")]
    [InlineData("{\"type\":\"failover\",\"questions\":[{\"server\":\"a b\",\"request\":{\"id\":1,\"server\":\"waw1\",\"pop\":\"waw\",\"isVoluntary\":true}}]}", "a question is for a server")]
    public async Task An_announcer_speaks_for_its_own_server_alone(string line, string says)
    {
        await using ScriptedAnnouncer waw = await ConnectAsync("waw");
        waw.SendRaw(Encoding.UTF8.GetBytes(line + "\n"));
        Assert.Contains(says, (await waw.NextAsync<AnnouncerRefusal>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_word_with_too_much_in_it_is_refused_and_long_texts_are_shortened()
    {
        await using ScriptedAnnouncer waw = await ConnectAsync("waw");
        await using ScriptedAnnouncer lax = await ConnectAsync("lax");
        await MeetAsync(waw, lax);
        waw.Send(new FailoverWord { View = View("waw", 5000) with { FailingCheck = "a\n" + new string('x', 1000), FailingFor = TimeSpan.FromSeconds(-1) } });
        PeerView view = await lax.ViewAsync("waw1", v => v.Sequence == 5000);
        Assert.Equal(("a?x", FailoverLimits.MaxTextLength, TimeSpan.Zero), (view.FailingCheck![..3], view.FailingCheck.Length, view.FailingFor));
        waw.Send(new FailoverWord { Questions = [.. Enumerable.Repeat(new PledgeQuestion("lax1", new PledgeRequest(1, "waw1", "waw", true)), FailoverLimits.MaxQueued + 1)] });
        Assert.Contains("at most", (await waw.NextAsync<AnnouncerRefusal>()).Reason, StringComparison.Ordinal);
    }

    private static PeerView View(string pop, long sequence) => new()
    {
        Server = $"{pop}1",
        Pop = pop,
        Instance = 3,
        Sequence = sequence,
        Phase = FailoverPhase.Announced,
        Level = AnnouncementLevel.Normal,
        IsOnWire = true,
        IsWell = true,
    };

    /// <summary>Says something, again and again, as announcers do, until the other one has heard it.</summary>
    private static async Task<PeerView> MeetAsync(ScriptedAnnouncer speaker, ScriptedAnnouncer listener, long sequence = 1)
    {
        string pop = speaker.Pop;
        Task<PeerView> heard = listener.ViewAsync($"{pop}1", view => view.Sequence >= sequence);
        for (long said = sequence; !heard.IsCompleted; said++)
        {
            speaker.Send(new FailoverWord { View = View(pop, said) });
            await Task.WhenAny(heard, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System));
        }

        return await heard;
    }
}
