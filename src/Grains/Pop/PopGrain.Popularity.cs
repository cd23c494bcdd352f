using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Pop;

/// <summary>What edges tell of popularity is passed on to the sites' grains, after a look at who tells of what.</summary>
internal sealed partial class PopGrain
{
    /// <summary>Parts on their way: a report of every site of a PoP's edges. One too many is dropped; the next report follows in seconds.</summary>
    private const int MaxPopularityUnderWay = 256;

    private int _popularityUnderWay;

    public Task PopularAsync(PopPopularity report, CancellationToken cancellationToken)
    {
        if (_members.IsBy(report.Edge, report.Connection)
            && _mirror.Config?.Config.FindSite(report.Part.Site) is not null
            && _popularityUnderWay < MaxPopularityUnderWay)
        {
            // Not awaited: the feed that it came by carries acknowledgements, too.
            _ = PassOnAsync(report with { Pop = _pop });
        }

        return Task.CompletedTask;
    }

    private async Task PassOnAsync(PopPopularity report)
    {
        _popularityUnderWay++;
        try
        {
            await AttemptAsync(
                "popularity", () => GrainFactory.GetGrain<IPopularityGrain>(report.Part.Site).ReportAsync(report, CancellationToken.None));
        }
        finally
        {
            _popularityUnderWay--;
        }
    }
}
