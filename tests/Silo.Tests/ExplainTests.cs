using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Silo.Api;

namespace OrleansCdn.Silo.Tests;

public sealed class ExplainTests : IAsyncLifetime
{
    private RunningSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await RunningSilo.StartAsync();
        await _silo.Admin.AppliedAsync(TestData.Yaml);
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    private static ExplainRequest Ask(string pop = "waw", string? edge = null, string url = "http://www.example.net/a", string? method = null, params HeaderField[] headers) =>
        new() { Url = url, Pop = pop, Edge = edge, Method = method, Headers = [.. headers] };

    private static Explanation Answer(string detail) => new()
    {
        Verdict = ExplainVerdict.Miss, Detail = detail, ConfigVersion = 1, PurgeCursor = PurgeCursor.None, PurgesApplied = 0,
    };

    [Fact]
    public async Task A_question_goes_to_the_edge_and_its_answer_comes_back()
    {
        await using ScriptedEdge waw = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        await using ScriptedEdge lax = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("lax", "lax1"));
        await waw.NextAsync<PurgeGap>();
        await lax.NextAsync<PurgeGap>();
        Task<ExplainReply> asking = _silo.Client(_silo.Data.Read).ExplainedAsync(Ask(method: "HEAD", headers: new HeaderField("Accept", "text/html")));
        ExplainQuestion question = await waw.NextAsync<ExplainQuestion>();
        Assert.Equal(("http://www.example.net/a", "HEAD", "Accept: text/html"), (question.Url, question.Method, string.Join(';', question.Headers.Select(h => $"{h.Name}: {h.Value}"))));

        // Neither another edge nor another question's answer counts.
        lax.Send(new EdgeExplained(question.Id, Answer("forged")));
        waw.Send(new EdgeExplained("unknown", Answer("stray")));
        waw.Send(new EdgeExplained(question.Id, Answer("right")));
        ExplainReply reply = await asking;
        Assert.Equal("waw", reply.Pop);
        EdgeExplanation edge = Assert.Single(reply.Edges);
        Assert.Equal(("waw1", AnswerOutcome.Answered, "right"), (edge.Edge, edge.Outcome, edge.Explanation?.Detail));
    }

    [Fact]
    public async Task An_edge_that_is_away_or_silent_is_said_to_be_so()
    {
        Assert.Equal(AnswerOutcome.NotConnected, Assert.Single((await _silo.Admin.ExplainedAsync(Ask())).Edges).Outcome);
        await using ScriptedEdge waw = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        await waw.NextAsync<PurgeGap>();
        Assert.Equal(AnswerOutcome.NoAnswer, Assert.Single((await _silo.Admin.ExplainedAsync(Ask())).Edges).Outcome);

        // A late answer disturbs nothing.
        waw.Send(new EdgeExplained((await waw.NextAsync<ExplainQuestion>()).Id, Answer("late")));
        Task<ExplainReply> asking = _silo.Admin.ExplainedAsync(Ask());
        waw.Send(new EdgeExplained((await waw.NextAsync<ExplainQuestion>()).Id, Answer("next")));
        Assert.Equal("next", (await asking).Edges[0].Explanation?.Detail);
    }

    [Fact]
    public async Task Questions_are_checked_before_an_edge_sees_them()
    {
        async Task Refused(ExplainRequest request, string says)
        {
            ApiProblem problem = await ApiClient.Problem(await _silo.Admin.ExplainAsync(request), 422);
            Assert.Contains(says, problem.Detail, StringComparison.Ordinal);
        }

        await Refused(Ask(pop: "nope"), "'waw'");
        await Refused(Ask(edge: "nope"), "'waw1'");
        await Refused(Ask(url: "/a"), "http://");
        await Refused(Ask(url: "http://h/" + new string('a', ExplainRequest.MaxUrlBytes)), "longer");
        await Refused(Ask(method: "G ET"), "method");
        await Refused(Ask(method: ""), "method");
        await Refused(Ask(headers: new HeaderField("", "x")), "headers[0]");
        await Refused(Ask(headers: new HeaderField("a b", "x")), "field name");
        await Refused(Ask(headers: new HeaderField("a", "x\r\ny")), "printable");
        await Refused(Ask(headers: new HeaderField("Host", "x")), "Host");
        await Refused(Ask(headers: new HeaderField("a", new string('x', ExplainRequest.MaxHeaderBytes))), "longer");
        await Refused(Ask(headers: [.. Enumerable.Range(0, ExplainRequest.MaxHeaders + 1).Select(i => new HeaderField("a", "b"))]), "fields");
        Assert.Equal(403, (int)(await _silo.Client(_silo.Data.Purge).ExplainAsync(Ask())).StatusCode);
    }
}
