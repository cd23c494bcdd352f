using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Pop;

/// <summary>Questions to the edges of one PoP that wait for their answers. Not thread safe: it belongs to one grain.</summary>
internal sealed class EdgeQuestions
{
    /// <summary>People ask one at a time, a script perhaps all its URLs; an answer takes milliseconds.</summary>
    public const int MaxOutstanding = 64;

    private readonly Dictionary<string, Pending> _pending = [];

    private sealed class Pending(string edge, EdgeQuestion question)
    {
        public string Edge => edge;

        public EdgeQuestion Question => question;

        public bool IsSent { get; set; }

        public TaskCompletionSource<EdgeAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public int Count => _pending.Count;

    /// <summary>The answer to come; null: too many questions wait already. The caller forgets the question in the end.</summary>
    public Task<EdgeAnswer>? Ask(string edge, EdgeQuestion question)
    {
        var pending = new Pending(edge, question);
        return _pending.Count < MaxOutstanding && _pending.TryAdd(question.Id, pending) ? pending.Answer.Task : null;
    }

    /// <summary>What the edge has not been asked yet. A question whose connection is lost on the way is not asked again: it ends by its wait.</summary>
    public ImmutableArray<SiloMessage> TakeFor(string edge)
    {
        if (_pending.Count == 0)
        {
            return [];
        }

        ImmutableArray<SiloMessage>.Builder questions = ImmutableArray.CreateBuilder<SiloMessage>();
        foreach (Pending pending in _pending.Values)
        {
            if (pending.Edge == edge && !pending.IsSent)
            {
                pending.IsSent = true;
                questions.Add(pending.Question);
            }
        }

        return questions.ToImmutable();
    }

    /// <summary>An edge answers for itself alone; what nobody waits for any more is dropped.</summary>
    public void Answer(string edge, EdgeAnswer answer)
    {
        if (_pending.TryGetValue(answer.Id, out Pending? pending) && pending.Edge == edge)
        {
            pending.Answer.TrySetResult(answer);
        }
    }

    public void Forget(string id) => _pending.Remove(id);
}
