using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Pop;

/// <summary>Tells how the edges are, and brings the decision that is made of it to them.</summary>
internal sealed partial class PopGrain
{
    public Task EligibilityChangedAsync(Eligibility eligibility, CancellationToken cancellationToken)
    {
        Take(eligibility);
        return Task.CompletedTask;
    }

    public async Task<EligibilityPopState> WaitForEligibilityAsync(EligibilityWait wait, CancellationToken cancellationToken)
    {
        await WaitForAcksAsync(() => _members.AwaitsEligibility(wait.Epoch), wait.Wait, cancellationToken);
        return _members.EligibilityState(wait.Epoch);
    }

    /// <summary>Does not throw.</summary>
    private Task SyncEligibilityAsync() => AttemptAsync("eligibility", async () =>
        Take(await GrainFactory.GetGrain<IEligibilityGrain>(GrainKeys.Cluster).SyncAsync(_members.Sighting(_clock.Now), CancellationToken.None)));

    private void Take(Eligibility eligibility)
    {
        if (_mirror.Offer(eligibility))
        {
            _news.Raise();
        }
    }
}
