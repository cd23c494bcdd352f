using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Grains.Dns;

/// <summary>
/// A shell around <see cref="DnsComposition"/>: asks the zones for their keys and the PoPs for what their edges have, and gives nothing out under a number that
/// is not durable. What one zone fails at leaves everything as it was: a part of the secrets is never sent for the whole.
/// </summary>
internal sealed partial class DnsDeskGrain(
    [PersistentState("dnsdesk", GrainKeys.Storage)] IPersistentState<DnsDeskRow> row, TimeProvider time, ILogger<DnsDeskGrain> log)
    : Grain, IDnsDeskGrain
{
    /// <summary>A PoP whose grain is being started answers the next time.</summary>
    private static readonly TimeSpan PopPatience = TimeSpan.FromSeconds(1);

    private DnsDeskRow _row = new();
    private ConfigSnapshot? _config;
    private DnsSecrets? _secrets;
    private ImmutableArray<DnsEdgeHeld> _edges = [];

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _row = row.RecordExists ? row.State : new DnsDeskRow();
        if (_row.Format > DnsDeskRow.CurrentFormat)
        {
            throw new InvalidOperationException(
                $"the stored DNS secrets have format {_row.Format}, this software reads up to {DnsDeskRow.CurrentFormat}: run the newer software that wrote them");
        }

        return Task.CompletedTask;
    }

    public async Task WakeAsync(CancellationToken cancellationToken)
    {
        await TakeConfigAsync(cancellationToken);
        if (_config?.Config.Dns is null && _row.Zones.IsEmpty)
        {
            return;
        }

        _edges = await AskEdgesAsync(cancellationToken);
        await ComposeAsync(cancellationToken);
    }

    public async Task<DnsSecrets?> SecretsAsync(DnsAsk ask, CancellationToken cancellationToken)
    {
        bool isOlder = _config is not { } config || config.Epoch != ask.Config.Epoch || config.Version < ask.Config.Version;
        if (isOlder || _secrets is null)
        {
            await TakeConfigAsync(cancellationToken);
            if (_config?.Config.Dns is null && _row.Zones.IsEmpty)
            {
                return null;
            }

            await ComposeAsync(cancellationToken);
        }

        return _secrets is { } secrets && (ask.Known?.Epoch != secrets.Epoch || ask.Known.Revision != secrets.Revision) ? secrets : null;
    }

    public async Task<DnsKeyOutcome?> ChangeAsync(string zone, DnsKeyOrder order, CancellationToken cancellationToken)
    {
        if (!await KnowsAsync(zone, cancellationToken))
        {
            return null;
        }

        DnsKeyOutcome outcome = await Keys(zone).ChangeAsync(order, cancellationToken);
        if (outcome.Verdict == DnsKeyVerdict.Done)
        {
            await ComposeAsync(cancellationToken);
        }

        return outcome with { Keys = WithEdges(outcome.Keys) };
    }

    public async Task<DnsKeysReply?> ViewAsync(string zone, CancellationToken cancellationToken) =>
        await KnowsAsync(zone, cancellationToken) ? WithEdges(await Keys(zone).ViewAsync(cancellationToken)) : null;

    public Task<ImmutableArray<string>> ZonesAsync(CancellationToken cancellationToken) =>
        Task.FromResult<ImmutableArray<string>>([.. _row.Zones.Select(zone => zone.Zone)]);

    private async Task ComposeAsync(CancellationToken cancellationToken)
    {
        HeldSecrets held = _edges.IsEmpty ? HeldSecrets.Unknown : HeldSecrets.Of(_row.Epoch, _edges);
        HashSet<string> wanted = [.. (_config?.Config.Dns?.Zones ?? []).Where(zone => zone.Dnssec).Select(zone => zone.Name)];
        var zones = new Dictionary<string, ZoneKeysView>();
        foreach (string zone in wanted.Union(_row.Zones.Select(z => z.Zone)))
        {
            var sync = new ZoneKeysSync
            {
                Wanted = wanted.Contains(zone),
                Held = DnsComposition.HeldOf(_row, zone, held.ByAll),
                HeldByConnected = DnsComposition.HeldOf(_row, zone, held.ByConnected),
            };
            zones[zone] = await Keys(zone).SyncAsync(sync, cancellationToken);
        }

        CookieRow cookies = _row.Cookies.Step(held.ByConnected, _row.Revision + 1, time.GetUtcNow(), MakeSecret);
        var composed = DnsComposition.Of(_row, zones, cookies);
        if (composed.Row != _row)
        {
            row.State = composed.Row;
            await row.WriteStateOrReloadAsync(this);
            if (composed.Row.Revision != _row.Revision)
            {
                LogComposed(composed.Row.Revision, composed.Secrets.Zones.Length);
            }

            _row = composed.Row;
        }

        _secrets = composed.Secrets;
    }

    /// <summary>Edges of PoPs that do not answer are among them, as ones of which nothing is known.</summary>
    private async Task<ImmutableArray<DnsEdgeHeld>> AskEdgesAsync(CancellationToken cancellationToken)
    {
        IEnumerable<Task<ImmutableArray<DnsEdgeHeld>>> asking = (_config?.Config.Pops ?? [])
            .Where(pop => pop.Edges.Any(edge => edge.Dns is not null))
            .Select(pop => AskPopAsync(pop, cancellationToken));
        return [.. (await Task.WhenAll(asking)).SelectMany(edges => edges)];
    }

    private async Task<ImmutableArray<DnsEdgeHeld>> AskPopAsync(PopConfig pop, CancellationToken cancellationToken)
    {
        ImmutableArray<DnsEdgeHeld> known = [];
        try
        {
            known = await GrainFactory.GetGrain<IPopGrain>(pop.Id).DnsHeldAsync(cancellationToken).WaitAsync(PopPatience, time, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogPopFailed(pop.Id, error);
        }

        return
        [
            .. pop.Edges.Where(edge => edge.Dns is not null).Select(edge =>
                (known.FirstOrDefault(k => k.Edge == edge.Name) ?? new DnsEdgeHeld(edge.Name, Connected: false, Held: null)) with { Edge = $"{pop.Id}/{edge.Name}" }),
        ];
    }

    private async Task TakeConfigAsync(CancellationToken cancellationToken)
    {
        IConfigGrain config = GrainFactory.GetGrain<IConfigGrain>(GrainKeys.Cluster);
        ConfigPosition position = await config.PositionAsync(cancellationToken);
        if (position.Version > 0 && (position.Epoch != _config?.Epoch || position.Version != _config.Version))
        {
            _config = await config.CurrentAsync(cancellationToken) ?? _config;
        }
    }

    private async Task<bool> KnowsAsync(string zone, CancellationToken cancellationToken)
    {
        await TakeConfigAsync(cancellationToken);
        return _row.Zones.Any(z => z.Zone == zone) || _config?.Config.Dns?.Zones.Any(z => z.Name == zone) == true;
    }

    private DnsKeysReply WithEdges(DnsKeysReply keys) =>
        keys with { Behind = [.. _edges.Where(edge => HeldSecrets.IsBehind(edge, _row.Epoch, _row.Revision)).Select(edge => edge.Edge)] };

    private IDnsKeysGrain Keys(string zone) => GrainFactory.GetGrain<IDnsKeysGrain>(zone);

    private static string MakeSecret() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(CookieKeys.SecretBytes));

    [LoggerMessage(Level = LogLevel.Information, Message = "DNS secrets {Revision}: keys of {Zones} zones")]
    private partial void LogComposed(long revision, int zones);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PoP {Pop} does not say which DNS secrets its edges have; key changes wait")]
    private partial void LogPopFailed(string pop, Exception error);
}
