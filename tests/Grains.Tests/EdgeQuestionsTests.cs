using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains.Pop;

namespace OrleansCdn.Grains.Tests;

public sealed class EdgeQuestionsTests
{
    private static readonly Explanation Answer = new() { Verdict = ExplainVerdict.Miss, ConfigVersion = 1, PurgeCursor = PurgeCursor.None, PurgesApplied = 0 };

    private static ExplainQuestion Question(string id) => new() { Id = id, Method = "GET", Url = "http://h/", Headers = [] };

    [Fact]
    public void A_question_is_sent_once_to_its_edge_and_answered_by_it_alone()
    {
        var questions = new EdgeQuestions();
        Task<EdgeAnswer> answer = questions.Ask("a", Question("1"))!;
        Assert.Empty(questions.TakeFor("b"));
        Assert.Equal("1", Assert.IsType<ExplainQuestion>(Assert.Single(questions.TakeFor("a"))).Id);
        Assert.Empty(questions.TakeFor("a"));
        questions.Answer("b", new EdgeExplained("1", Answer));
        Assert.False(answer.IsCompleted);
        questions.Answer("a", new EdgeExplained("1", Answer));
        Assert.True(answer.IsCompletedSuccessfully);
        questions.Forget("1");
        questions.Answer("a", new EdgeExplained("1", Answer));
        Assert.Equal(0, questions.Count);
    }

    [Fact]
    public void Questions_are_bounded_and_ids_are_not_taken_twice()
    {
        var questions = new EdgeQuestions();
        Assert.NotNull(questions.Ask("a", Question("0")));
        Assert.Null(questions.Ask("a", Question("0")));
        for (int i = 1; i < EdgeQuestions.MaxOutstanding; i++)
        {
            Assert.NotNull(questions.Ask("a", Question($"{i}")));
        }

        Assert.Null(questions.Ask("a", Question("more")));
        questions.Forget("0");
        Assert.NotNull(questions.Ask("a", Question("more")));
    }
}
