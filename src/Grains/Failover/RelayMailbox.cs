using System.Collections.Immutable;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Grains.Failover;

/// <summary>
/// What waits for one receiver, an announcer or another relay. It is kept until the receiver is known to have it, or until it is too old to be of
/// use: who said it says it again. Of each kind the newest counts, so that a receiver that is slow finds as much as one that is quick. Pure: it
/// is handed the time.
/// </summary>
internal sealed class RelayMailbox
{
    /// <summary>
    /// Who lives has said something newer by then. Shorter than the time for which a view counts as fresh with its receiver, which begins when it
    /// arrives there: so what relays hold back makes nobody look alive for much longer than they are.
    /// </summary>
    public static readonly TimeSpan MaxViewAge = 2 * FailoverPolicy.Default.TellEvery;

    /// <summary>After it a request is void with who made it.</summary>
    public static readonly TimeSpan MaxPledgeAge = FailoverPolicy.Default.UseWithin;

    private readonly Dictionary<string, Item<PeerView>> _views = [];
    private readonly Dictionary<(string From, string To), Item<PledgeQuestion>> _questions = [];
    private readonly Dictionary<(string From, string To), Item<PledgeReply>> _replies = [];
    private long _last;

    /// <param name="What">What was said.</param>
    /// <param name="Number">Goes up with each that is put in.</param>
    /// <param name="Since">When a relay had it first.</param>
    private readonly record struct Item<T>(T What, long Number, DateTimeOffset Since);

    /// <summary>Of the newest that was put in.</summary>
    public long Last => _last;

    /// <param name="view">Replaces an older one of the same server.</param>
    /// <param name="since">When a relay had it first.</param>
    public void Put(PeerView view, DateTimeOffset since) => _views[view.Server] = new Item<PeerView>(view, ++_last, since);

    /// <returns>False: there is no room. The asker asks again.</returns>
    public bool Put(PledgeQuestion question, DateTimeOffset since) => Put(_questions, (question.Request.Server, question.Server), question, since);

    /// <returns>False: there is no room. The asker asks again.</returns>
    public bool Put(PledgeReply reply, DateTimeOffset since) => Put(_replies, (reply.Answer.Server, reply.Server), reply, since);

    /// <summary>Drops what the receiver has.</summary>
    /// <param name="taken">The <see cref="Last"/> of what it got.</param>
    public void Drop(long taken)
    {
        Drop(_views, item => item.Number <= taken);
        Drop(_questions, item => item.Number <= taken);
        Drop(_replies, item => item.Number <= taken);
    }

    /// <summary>All that waits and is of use still, in the order in which it was said; null: nothing.</summary>
    public RelayParcel? Peek(DateTimeOffset now)
    {
        Drop(_views, item => now - item.Since > MaxViewAge);
        Drop(_questions, item => now - item.Since > MaxPledgeAge);
        Drop(_replies, item => now - item.Since > MaxPledgeAge);
        return _views.Count + _questions.Count + _replies.Count == 0 ? null : new RelayParcel
        {
            Views = [.. InOrder(_views.Values).Select(item => new RelayedView(item.What, now - item.Since))],
            Questions = [.. InOrder(_questions.Values).Select(item => new RelayedQuestion(item.What, now - item.Since))],
            Replies = [.. InOrder(_replies.Values).Select(item => new RelayedReply(item.What, now - item.Since))],
        };
    }

    private bool Put<T>(Dictionary<(string From, string To), Item<T>> items, (string From, string To) key, T what, DateTimeOffset since)
    {
        if (items.Count >= FailoverLimits.MaxQueued && !items.ContainsKey(key))
        {
            return false;
        }

        items[key] = new Item<T>(what, ++_last, since);
        return true;
    }

    private static IEnumerable<Item<T>> InOrder<T>(IEnumerable<Item<T>> items) => items.OrderBy(item => item.Number);

    private static void Drop<TKey, T>(Dictionary<TKey, Item<T>> items, Func<Item<T>, bool> which)
        where TKey : notnull
    {
        // The dictionary may be walked while entries are taken out of it.
        foreach ((TKey key, Item<T> item) in items)
        {
            if (which(item))
            {
                items.Remove(key);
            }
        }
    }
}
