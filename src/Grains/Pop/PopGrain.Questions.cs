using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Pop;

/// <summary>Questions go down an edge's feed with what else it lacks, answers come back by its reports' way.</summary>
internal sealed partial class PopGrain
{
    private readonly EdgeQuestions _questions = new();

    public async Task<PopReply> AskAsync(PopQuestion question, CancellationToken cancellationToken)
    {
        if (!_members.IsConnected(question.Edge))
        {
            return new PopReply(AnswerOutcome.NotConnected);
        }

        if (_questions.Ask(question.Edge, question.Question) is not { } answer)
        {
            return new PopReply(AnswerOutcome.Busy);
        }

        try
        {
            _news.Raise();
            TimeSpan wait = question.Wait < GrainLimits.MaxWait ? question.Wait : GrainLimits.MaxWait;
            return await Waiting.ForAsync(answer, wait, time, cancellationToken)
                ? new PopReply(AnswerOutcome.Answered, await answer)
                : new PopReply(AnswerOutcome.NoAnswer);
        }
        finally
        {
            _questions.Forget(question.Question.Id);
        }
    }

    public Task AnsweredAsync(PopAnswer answer, CancellationToken cancellationToken)
    {
        if (_members.IsBy(answer.Edge, answer.Connection))
        {
            _questions.Answer(answer.Edge, answer.Answer);
        }

        return Task.CompletedTask;
    }
}
