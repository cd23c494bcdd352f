using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Server;
using OrleansCdn.Dns.Steering;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;
using OrleansCdn.Edge.Admin;

namespace OrleansCdn.Edge.Dns;

/// <summary>What the nameserver tells of itself.</summary>
internal static class DnsReports
{
    private const string NoKeys = "its keys have not come to this edge: it is answered with SERVFAIL, and never unsigned";

    /// <summary>Null: the config in force has no DNS for this edge.</summary>
    /// <param name="service">Running.</param>
    /// <param name="isWanted">The config in force names an address for it.</param>
    public static EdgeDns? Summary(DnsService service, bool isWanted)
    {
        if (!isWanted)
        {
            return null;
        }

        IReadOnlyCollection<DnsCounters> answered = service.Server.Answered;
        ImmutableArray<long> listeners = service.Server.Counts;
        DnsData data = service.Data;
        ImmutableArray<IPEndPoint> endpoints = service.Server.Endpoints;
        return new EdgeDns
        {
            State = !endpoints.IsEmpty ? EdgeDnsState.Answering : service.ListenProblem is null ? EdgeDnsState.Starting : EdgeDnsState.Failed,
            Endpoint = endpoints.IsEmpty ? null : endpoints[0].ToString(),
            Problem = service.ListenProblem ?? service.Compiler.Problem ?? ZoneProblem(service),
            ConfigVersion = data.ConfigVersion,
            Epoch = data.Epoch,
            Zones = data.Zones.Zones.Length,
            Queries = answered.Sum(counters => counters[DnsCount.Udp] + counters[DnsCount.Tcp]),
            Steered = answered.Sum(counters => counters[DnsCount.Steered]),
            Failures = answered.Sum(counters => counters.Of(DnsRcode.ServFail)),
            Dropped = Dropped.Sum(count => listeners[(int)count]),
        };
    }

    public static DnsReply? Reply(DnsService service, bool isWanted)
    {
        if (Summary(service, isWanted) is not { } summary)
        {
            return null;
        }

        DnsData data = service.Data;
        DnsGeneration? generation = service.Compiler.Current;
        ImmutableArray<PopConfig> pops = generation?.Snapshot.Config.Pops ?? [];
        return new DnsReply
        {
            Summary = summary,
            Zones = generation is null ? [] : [.. generation.Zones.Select((zone, i) => Zone(zone, generation.Snapshot.Config.Dns!.Zones[i], data))],
            Databases = [.. service.Compiler.Geo],
            Steering = data.Steering is SteeringTable table ? new DnsSteeringReply(table.Lists.Length, table.Bytes) : null,
            EligiblePops = [.. pops.Where((_, i) => i >= data.Eligible.Length || data.Eligible[i]).Select(pop => pop.Id)],
            Counters = Counters(service),
            VisitsIssued = service.Visits?.Issued,
        };
    }

    /// <summary>What was not answered.</summary>
    private static ImmutableArray<ServerCount> Dropped { get; } =
    [
        ServerCount.DroppedLength, ServerCount.DroppedResponse, ServerCount.DroppedPort, ServerCount.DroppedUnanswerable, ServerCount.Faults,
        ServerCount.DroppedRate, ServerCount.ShedShare, ServerCount.ShedError, ServerCount.SendFailed, ServerCount.QueueOverflows,
    ];

    private static DnsZoneReply Zone(CompiledZone zone, DnsZoneConfig config, DnsData data)
    {
        ZoneMistake? error = zone.Mistakes.FirstOrDefault(mistake => !mistake.IsWarning);
        bool cannotSign = config.Dnssec && data.Zones.Zones.FirstOrDefault(served => ReferenceEquals(served.Zone, zone.Zone)) is not { Signer.CanSign: true };
        return new DnsZoneReply(
            config.Name,
            zone.Zone?.Serial,
            config.Dnssec,
            error?.ToString() ?? (cannotSign ? NoKeys : null),
            zone.Mistakes.Count(mistake => mistake.IsWarning));
    }

    private static string? ZoneProblem(DnsService service)
    {
        if (service.Compiler.Current is { } generation && generation.Zones.FirstOrDefault(zone => zone.HasErrors) is { } broken)
        {
            return $"a zone is not answered for: {broken.Mistakes.First(mistake => !mistake.IsWarning)}";
        }

        ServedZone? unsigned = service.Data.Zones.Zones.FirstOrDefault(zone => zone is { IsSigned: true, Signer: not { CanSign: true } });
        return unsigned is null ? null : $"{NameText.Of(unsigned.Zone.Apex.Name.Span)}: {NoKeys}";
    }

    private static ImmutableSortedDictionary<string, long> Counters(DnsService service)
    {
        DnsServer server = service.Server;
        IReadOnlyCollection<DnsCounters> answered = server.Answered;
        ImmutableArray<long> listeners = server.Counts;
        var all = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (DnsCount count in Enum.GetValues<DnsCount>())
        {
            all[$"query.{count}"] = answered.Sum(counters => counters[count]);
        }

        foreach (DnsRcode rcode in Enum.GetValues<DnsRcode>())
        {
            all[$"rcode.{rcode}"] = answered.Sum(counters => counters.Of(rcode));
        }

        // The last place of the counters is all types beyond HTTPS together.
        foreach (DnsType type in Enum.GetValues<DnsType>().Where(type => type is > DnsType.None and <= DnsType.Https))
        {
            all[$"type.{DnsTypeText.Of(type)}"] = answered.Sum(counters => counters.Of(type));
        }

        foreach (ServerCount count in Enum.GetValues<ServerCount>().Where(count => count != ServerCount.Length))
        {
            all[$"listener.{count}"] = listeners[(int)count];
        }

        all["signatures.Made"] = service.Signing.Made;
        all["signatures.Shed"] = service.Signing.Shed;
        return all.ToImmutable();
    }
}
