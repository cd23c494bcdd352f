using System.Collections.Immutable;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Node.Links;

namespace OrleansCdn.Announcer.Failover;

/// <summary>What waits to be said to the others: the newest view, and questions, replies and notes within bounds. It is emptied by the feed when there is one.</summary>
internal sealed class FailoverOutbox(TimeProvider time)
{
    /// <summary>After that whoever asked has given up, so that neither question nor reply is of use.</summary>
    private static readonly TimeSpan Stale = FailoverPolicy.Default.UseWithin;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (PledgeQuestion What, long At)> _questions = [];
    private readonly Dictionary<string, (PledgeReply What, long At)> _replies = [];
    private readonly Queue<(FailoverNote What, long At)> _notes = new();
    private PeerView? _view;
    private long? _warmUp;
    private TaskCompletionSource _due = NewDue();

    /// <summary>Notes that no silo took before newer ones needed their place.</summary>
    public long NotesDropped
    {
        get
        {
            lock (_lock)
            {
                return field;
            }
        }

        private set;
    }

    /// <summary>Completes when there is something to say.</summary>
    public Task Due
    {
        get
        {
            lock (_lock)
            {
                return _due.Task;
            }
        }
    }

    public void Say(PeerView view)
    {
        lock (_lock)
        {
            _view = view;
            _ = _due.TrySetResult();
        }
    }

    public void Ask(string server, PledgeRequest request) => Put(_questions, server, new PledgeQuestion(server, request));

    public void Answer(string server, PledgeAnswer answer) =>
        Put(_replies, server, new PledgeReply(server, answer with { Why = answer.Why is { } why ? Short(why) : null }));

    /// <param name="id">Of an announcement that waits for a warm cache, said with every word; null: none waits.</param>
    public void WarmUp(long? id)
    {
        lock (_lock)
        {
            _warmUp = id;
        }
    }

    public void Note(FailoverPhase from, FailoverPhase to, string what)
    {
        lock (_lock)
        {
            while (_notes.Count >= FailoverLimits.MaxNotes)
            {
                _ = _notes.Dequeue();
                NotesDropped++;
            }

            _notes.Enqueue((new FailoverNote(from, to, Short(what), TimeSpan.Zero), time.GetTimestamp()));
            _ = _due.TrySetResult();
        }
    }

    /// <summary>All that waits; null: nothing does. What a connection loses of it is said again by who needs it, but for notes: see <see cref="Said"/>.</summary>
    public FailoverWord? Take()
    {
        lock (_lock)
        {
            if (_due.Task.IsCompleted)
            {
                _due = NewDue();
            }

            var word = new FailoverWord
            {
                View = _view,
                Questions = Fresh(_questions),
                Replies = Fresh(_replies),
                Notes = [.. _notes.Select(note => note.What with { Ago = time.GetElapsedTime(note.At) })],
                WarmUp = _warmUp,
            };
            _view = null;
            return word is { View: null, Questions.IsEmpty: true, Replies.IsEmpty: true, Notes.IsEmpty: true } ? null : word;
        }
    }

    /// <summary>A silo has this word: its notes need not be said again.</summary>
    public void Said(FailoverWord word)
    {
        lock (_lock)
        {
            for (int i = 0; i < word.Notes.Length && _notes.TryPeek(out (FailoverNote What, long At) first) && Matches(first.What, word.Notes[i]); i++)
            {
                _ = _notes.Dequeue();
            }
        }
    }

    private static bool Matches(FailoverNote waiting, FailoverNote said) => waiting == said with { Ago = TimeSpan.Zero };

    private void Put<T>(Dictionary<string, (T What, long At)> waiting, string server, T what)
    {
        lock (_lock)
        {
            // One for each of the others: the machine knows no more of them than this.
            if (waiting.Count < FailoverLimits.MaxQueued || waiting.ContainsKey(server))
            {
                waiting[server] = (what, time.GetTimestamp());
                _ = _due.TrySetResult();
            }
        }
    }

    private ImmutableArray<T> Fresh<T>(Dictionary<string, (T What, long At)> waiting)
    {
        ImmutableArray<T> fresh = [.. waiting.Values.Where(w => time.GetElapsedTime(w.At) < Stale).Select(w => w.What)];
        waiting.Clear();
        return fresh;
    }

    private static string Short(string text) => OneLine.Printable(text, FailoverLimits.MaxTextLength);

    private static TaskCompletionSource NewDue() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
