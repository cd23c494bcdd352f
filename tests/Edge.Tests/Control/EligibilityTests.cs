using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Control;

namespace OrleansCdn.Edge.Tests.Control;

/// <summary>Which PoPs are eligible: told by a silo, kept on disk, and known again without one.</summary>
public sealed class EligibilityTests : IDisposable
{
    private static readonly DateTimeOffset Since = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TempDirectory _data = new();
    private readonly ListLogger _log = new();

    private string KeptFile => _data.File("control/" + ControlStore.EligibilityName);

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task What_a_silo_decides_is_in_force_confirmed_from_disk_and_known_again_without_a_silo()
    {
        Eligibility draining = Of(7, ("waw", EligibilityState.InService), ("lax", EligibilityState.Draining));
        await using ScriptedSilo silo = await ScriptedSilo.StartAsync();
        await using (FeedBench edge = await new FeedBench(TimeProvider.System, _data, silo.Url).StartAsync())
        {
            ScriptedSilo.Conversation feed = await silo.AcceptAsync();
            Assert.Equal(0, (await feed.ReadAsync<EdgeHello>()).Eligibility);
            await feed.WelcomeAsync();
            Assert.True(edge.State.Eligibility.IsEligible("lax"));

            await feed.SendAsync(draining);
            await feed.ReadAsync<EdgeHeartbeat>(h => h.Eligibility == 7);
            Assert.Equal(7, edge.Store.LoadEligibility().Epoch);
            Assert.True(edge.State.Eligibility.IsEligible("waw"));
            Assert.False(edge.State.Eligibility.IsEligible("lax"));
            Assert.True(edge.State.Eligibility.IsEligible("grr")); // nobody has said a word of it
        }

        await using FeedBench restarted = new(TimeProvider.System, _data, new Uri("http://127.0.0.1:1"));
        Assert.Equal(7, restarted.State.Eligibility.Epoch);
        Assert.False(restarted.State.Eligibility.IsEligible("lax"));
        Assert.Equal("reason of lax", restarted.State.Eligibility.Find("lax")!.Detail);
    }

    [Fact]
    public async Task An_older_decision_never_replaces_a_newer_one()
    {
        await using ScriptedSilo silo = await ScriptedSilo.StartAsync();
        await using FeedBench edge = await new FeedBench(TimeProvider.System, _data, silo.Url).StartAsync();
        ScriptedSilo.Conversation feed = await silo.AcceptAsync();
        await feed.WelcomeAsync();
        await feed.SendAsync(Of(7, ("lax", EligibilityState.Draining)));
        await feed.SendAsync(Of(6, ("lax", EligibilityState.InService)));
        await feed.SendAsync(Of(7, ("lax", EligibilityState.InService)));
        await feed.SendAsync(Of(8, ("grr", EligibilityState.Gone), ("lax", EligibilityState.Draining)));
        await feed.ReadAsync<EdgeHeartbeat>(h => h.Eligibility == 8);
        Assert.False(edge.State.Eligibility.IsEligible("lax"));

        var state = new EdgeState("waw", "waw1", new PurgeIndex());
        Assert.True(state.Replace(Of(7, ("lax", EligibilityState.Draining))));
        Assert.False(state.Replace(Of(7, ("lax", EligibilityState.InService))));
        Assert.False(state.Replace(Of(6, ("lax", EligibilityState.InService))));
        Assert.False(state.Eligibility.IsEligible("lax"));
    }

    public static TheoryData<string> NotDecisions => new(
        """{"type":"eligibility","epoch":0,"pops":[]}""",
        """{"type":"eligibility","epoch":-5,"pops":[]}""",
        """{"type":"eligibility","epoch":9007199254740993,"pops":[]}""",
        """{"type":"eligibility","epoch":9,"pops":[null]}""",
        """{"type":"eligibility","epoch":9,"pops":[{"pop":"","state":"Draining","since":"2026-01-01T00:00:00Z"}]}""",
        """{"type":"eligibility","epoch":9,"pops":[{"pop":"lax","state":77,"since":"2026-01-01T00:00:00Z"}]}""",
        """{"type":"eligibility","epoch":9,"pops":[{"pop":"lax","state":"Nonsense","since":"2026-01-01T00:00:00Z"}]}""",
        $$"""{"type":"eligibility","epoch":9,"pops":[{"pop":"lax","state":"Draining","since":"2026-01-01T00:00:00Z","detail":"{{new string('x', 257)}}"}]}""",
        $$"""{"type":"eligibility","epoch":9,"pops":[{"pop":"{{new string('x', 200)}}","state":"Draining","since":"2026-01-01T00:00:00Z"}]}""",
        $$"""{"type":"eligibility","epoch":9,"pops":[{{string.Join(',', Enumerable.Range(0, 257).Select(i => $$"""{"pop":"p{{i}}","state":"Draining","since":"2026-01-01T00:00:00Z"}"""))}}]}""");

    [Theory]
    [MemberData(nameof(NotDecisions))]
    public void What_is_no_decision_ends_the_connection_and_changes_nothing(string line)
    {
        SiloMessage? message;
        try
        {
            message = JsonSerializer.Deserialize(line, ContractsJson.Default.SiloMessage);
        }
        catch (JsonException)
        {
            return; // the reader's own end of a connection
        }

        var session = new FeedSession("waw", "waw1", null, PurgeCursor.None);
        session.Step(new SiloWelcome { Protocol = FeedProtocol.Version, Silo = "s" });
        FeedStep step = session.Step(message!);
        Assert.Equal(FeedAction.End, step.Action);
        Assert.Equal(FeedEndReason.ProtocolViolation, step.End!.Reason);
    }

    /// <summary>Whatever stands on the disk: nothing throws, everybody is eligible, and the file is kept for a look.</summary>
    [Theory]
    [MemberData(nameof(NotDecisions))]
    public void A_kept_decision_that_is_none_is_set_aside_and_every_PoP_is_eligible(string line)
    {
        string text = $$"""{"pop":"waw","edge":"waw1","eligibility":{{line.Replace("\"type\":\"eligibility\",", "", StringComparison.Ordinal)}}}""";
        AssertSetAside(RecordFrame.Write(RecordFrame.EligibilityKind, 0, Encoding.UTF8.GetBytes(text)));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("nonsense")]
    [InlineData("""{"pop":"waw","edge":"waw2","eligibility":{"epoch":9,"pops":[]}}""")]
    public void A_sound_frame_around_another_text_is_set_aside(string text) =>
        AssertSetAside(RecordFrame.Write(RecordFrame.EligibilityKind, 0, Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Every_truncation_is_set_aside_and_so_is_another_record()
    {
        byte[] whole = Saved();
        foreach (int length in Enumerable.Range(0, whole.Length))
        {
            AssertSetAside(whole[..length]);
        }

        AssertSetAside(RecordFrame.Write(RecordFrame.SnapshotKind, 0, "{}"u8));
    }

    [Fact]
    public void A_file_that_is_far_too_large_is_not_read()
    {
        Saved();
        using (FileStream file = File.OpenWrite(KeptFile))
        {
            file.SetLength(ControlStore.MaxEligibilityBytes * 8L);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertSetAside(null);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, ControlStore.MaxEligibilityBytes);
    }

    /// <summary>The largest decision there can be, with the longest texts, is kept and read.</summary>
    [Fact]
    public void The_largest_decision_fits_its_file()
    {
        var largest = new Eligibility
        {
            Epoch = Eligibility.MaxEpoch,
            Pops =
            [
                .. Enumerable.Range(0, Eligibility.MaxPops).Select(i => new PopEligibility(
                    $"{i}".PadLeft(FeedSession.MaxEpochChars, '"'), EligibilityState.InService, Since, new string('\u0001', PopEligibility.MaxDetailLength))),
            ],
        };
        Assert.Null(EligibilityCheck.Refuse(largest));
        using ControlStore store = ControlStore.Open(_data.Path, "waw", "waw1", _log);
        store.SaveEligibility(largest);
        Assert.Equal(largest.Pops.AsEnumerable(), store.LoadEligibility().Pops);
        Assert.Empty(_log.Lines);
    }

    /// <summary>An edge that stops says so as the last thing, and does not come back.</summary>
    [Fact]
    public async Task An_edge_that_stops_takes_leave()
    {
        await using ScriptedSilo silo = await ScriptedSilo.StartAsync();
        await using FeedBench edge = await new FeedBench(TimeProvider.System, _data, silo.Url).StartAsync();
        ScriptedSilo.Conversation feed = await silo.AcceptAsync();
        await feed.WelcomeAsync();
        await feed.ReadAsync<EdgeHello>();
        Task farewell = edge.Client.FarewellAsync();
        await feed.ReadAsync<EdgeLeaving>();
        await farewell;
        await edge.Client.StopAsync(CancellationToken.None);
        Assert.Equal(FeedEndReason.Stopping, edge.Board.Current.LastEnd!.Reason);
        Assert.DoesNotContain("lost", _log.All, StringComparison.Ordinal);
    }

    [Fact]
    public void An_edge_whose_sites_want_it_out_when_it_is_cut_off_says_so()
    {
        var metrics = new EdgeMetrics();
        Assert.Null(metrics.Condition().WantsOut);
        metrics.CutOff = () => new EdgeCutOff { Serving = 2, Revalidating = 1 };
        Assert.Null(metrics.Condition().WantsOut);
        metrics.CutOff = () => new EdgeCutOff { Serving = 2, Draining = 1 };
        Assert.Equal(DrainReason.CutOff, metrics.Condition().WantsOut);
    }

    private static Eligibility Of(long epoch, params (string Pop, EligibilityState State)[] pops) =>
        new() { Epoch = epoch, Pops = [.. pops.Select(p => new PopEligibility(p.Pop, p.State, Since, "reason of " + p.Pop))] };

    private byte[] Saved()
    {
        using (ControlStore store = ControlStore.Open(_data.Path, "waw", "waw1", _log))
        {
            store.SaveEligibility(Of(3, ("lax", EligibilityState.Draining)));
        }

        return File.ReadAllBytes(KeptFile);
    }

    /// <param name="bytes">Of the file; null: as it is.</param>
    private void AssertSetAside(byte[]? bytes)
    {
        using ControlStore store = ControlStore.Open(_data.Path, "waw", "waw1", _log);
        if (bytes is not null)
        {
            File.WriteAllBytes(KeptFile, bytes);
        }

        Assert.Same(Eligibility.None, store.LoadEligibility());
        Assert.True(store.LoadEligibility().IsEligible("lax"));
        Assert.False(File.Exists(KeptFile));
        Assert.True(File.Exists(KeptFile + ".unusable"));
    }
}
