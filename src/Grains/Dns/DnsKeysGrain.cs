using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Grains.Events;

namespace OrleansCdn.Grains.Dns;

/// <summary>A shell around <see cref="ZoneKeysMachine"/>: makes keys, writes each step down, and only then tells of it.</summary>
internal sealed partial class DnsKeysGrain(
    [PersistentState("dnskeys", GrainKeys.Storage)] IPersistentState<ZoneKeysRow> row, TimeProvider time, EventOutbox events,
    ILogger<DnsKeysGrain> log)
    : Grain, IDnsKeysGrain
{
    private ZoneKeysRow _row = new();
    private string _zone = "";

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _zone = this.GetPrimaryKeyString();
        _row = row.RecordExists ? row.State : new ZoneKeysRow();
        if (_row.Format > ZoneKeysRow.CurrentFormat)
        {
            throw new InvalidOperationException(
                $"the stored keys of '{_zone}' have format {_row.Format}, this software reads up to {ZoneKeysRow.CurrentFormat}: run the newer software that wrote them");
        }

        return Task.CompletedTask;
    }

    public async Task<ZoneKeysView> SyncAsync(ZoneKeysSync sync, CancellationToken cancellationToken)
    {
        await StepAsync(new Ticked(sync, MakeKey));
        return new ZoneKeysView { Revision = _row.Revision, Keys = ZoneKeysProjection.Of(_zone, _row) };
    }

    public async Task<DnsKeyOutcome> ChangeAsync(DnsKeyOrder order, CancellationToken cancellationToken)
    {
        ZoneKeysStep step = await StepAsync(new Ordered(order, MakeKey));
        return new DnsKeyOutcome { Verdict = step.Verdict, Error = step.Error, Keys = ZoneKeysReport.Of(_zone, _row) };
    }

    public Task<DnsKeysReply> ViewAsync(CancellationToken cancellationToken) => Task.FromResult(ZoneKeysReport.Of(_zone, _row));

    private async Task<ZoneKeysStep> StepAsync(ZoneKeysEvent happening)
    {
        ZoneKeysStep step = ZoneKeysMachine.Step(_row, happening, time.GetUtcNow());
        if (ZoneKeysMachine.IsSame(step.Row, _row))
        {
            return step;
        }

        row.State = step.Row;
        await row.WriteStateOrReloadAsync(this);
        foreach (DnsKeyEntry entry in step.Row.History.Except(_row.History))
        {
            LogChanged(_zone, entry.What, entry.Who);
            events.Tell(Happenings.Keyed(_zone, entry));
        }

        _row = step.Row;
        return step;
    }

    private static KeyMaterial MakeKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ECParameters parameters = key.ExportParameters(includePrivateParameters: true);
        return new KeyMaterial(Convert.ToBase64String([.. parameters.Q.X!, .. parameters.Q.Y!]), Convert.ToBase64String(parameters.D!));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Zone {Zone}: {What} (by {Who})")]
    private partial void LogChanged(string zone, string what, string who);
}
