using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.WarmUp;

/// <summary>
/// Makes the jobs of <see cref="WarmUpPlan"/> and looks how far they are whenever it is asked. Announcers of several servers of the PoP that come
/// back together share one warm-up.
/// </summary>
internal sealed partial class WarmUpGrain(TimeProvider time, ILogger<WarmUpGrain> log) : Grain, IWarmUpGrain
{
    /// <summary>Who waits asks every second; one that has not for so long waits no more.</summary>
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(1);

    /// <summary>Servers of one PoP.</summary>
    private const int MaxWishes = 64;

    private readonly SteadyClock _clock = new(time);
    private readonly Dictionary<long, Wish> _wishes = [];

    private sealed class Wish(Round round)
    {
        public Round Round { get; } = round;

        public DateTimeOffset Asked { get; set; }
    }

    /// <summary>One warm-up of the PoP.</summary>
    private sealed class Round
    {
        /// <summary>Not made yet.</summary>
        public Queue<PrewarmOrder> Left { get; } = new();

        /// <summary>Made, and not known to be over.</summary>
        public HashSet<string> Running { get; } = [];

        public bool IsPlanned { get; set; }

        public bool IsBusy { get; set; }

        public bool IsDone => IsPlanned && Left.Count == 0 && Running.Count == 0;
    }

    public async Task<bool> WantAsync(long id, CancellationToken cancellationToken)
    {
        foreach ((long gone, Wish _) in _wishes.Where(wish => _clock.Now - wish.Value.Asked > ForgetAfter).ToList())
        {
            _wishes.Remove(gone);
        }

        if (!_wishes.TryGetValue(id, out Wish? wish))
        {
            if (_wishes.Count >= MaxWishes)
            {
                return true;
            }

            Round? underWay = _wishes.Values.Select(other => other.Round).FirstOrDefault(round => !round.IsDone);
            _wishes[id] = wish = new Wish(underWay ?? new Round());
        }

        wish.Asked = _clock.Now;
        Round at = wish.Round;
        if (at.IsDone || at.IsBusy)
        {
            return at.IsDone;
        }

        // Calls come while another one waits: one of them goes on with it.
        at.IsBusy = true;
        try
        {
            await GoOnAsync(at, id, cancellationToken);
        }
        finally
        {
            at.IsBusy = false;
        }

        return at.IsDone;
    }

    private async Task GoOnAsync(Round round, long id, CancellationToken cancellationToken)
    {
        if (!round.IsPlanned)
        {
            string pop = this.GetPrimaryKeyString();
            ConfigSnapshot? snapshot = await GrainFactory.GetGrain<IConfigGrain>(GrainKeys.Cluster).CurrentAsync(cancellationToken);
            ImmutableArray<PrewarmOrder> orders = snapshot is null ? [] : WarmUpPlan.Of(snapshot.Config, pop, id, _clock.Now);
            foreach (PrewarmOrder order in orders)
            {
                round.Left.Enqueue(order);
            }

            round.IsPlanned = true;
            LogBegins(pop, id, orders.Length);
        }

        IPrewarmDirectoryGrain directory = GrainFactory.GetGrain<IPrewarmDirectoryGrain>(GrainKeys.Cluster);
        while (round.Left.TryPeek(out PrewarmOrder? next))
        {
            if (next.Deadline <= _clock.Now)
            {
                round.Left.Clear();
                break;
            }

            if ((await directory.CreateAsync(next, cancellationToken)).Id is not { } job)
            {
                break; // too many are under way: the rest when some of them are over
            }

            round.Left.Dequeue();
            round.Running.Add(job);
        }

        foreach (string job in round.Running.ToList())
        {
            PrewarmReply? state = await GrainFactory.GetGrain<IPrewarmJobGrain>(job).StatusAsync(cancellationToken);
            if (state is not { State: PrewarmState.Waiting or PrewarmState.Running })
            {
                round.Running.Remove(job); // over, held by an operator, or forgotten
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "PoP {Pop} is warmed before it is announced (warm-up {Id}): {Jobs} sites")]
    private partial void LogBegins(string pop, long id, int jobs);
}
