using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Admin;

/// <summary>The counters in Prometheus' text format 0.0.4.</summary>
internal static class PrometheusText
{
    public static string Format(EdgeStatusReply status)
    {
        EdgeCounters counters = status.Counters;
        StringBuilder text = new();
        void Counter(string name, string help, long value) => Metric(text, $"cdn_edge_{name}_total", "counter", help, value);
        void Gauge(string name, string help, long value) => Metric(text, $"cdn_edge_{name}", "gauge", help, value);

        Counter("requests", "Requests of visitors.", counters.Requests);
        Counter("hits", "Answers from the cache, fresh.", counters.Hits);
        Counter("stale_hits", "Answers from the cache, past their lifetime.", counters.StaleHits);
        Counter("misses", "Requests that found nothing usable.", counters.Misses);
        Counter("coalesced", "Requests that joined a fill under way.", counters.Coalesced);
        Counter("origin_fetches", "Requests to origins.", counters.OriginFetches);
        Counter("origin_errors", "Requests to origins that failed.", counters.OriginErrors);
        Counter("origin_retries", "Further origins asked after one had failed.", counters.OriginRetries);
        Counter("limited", "Requests refused by a site's limits.", counters.Limited);
        Counter("peer_fetches", "Requests to other edges.", counters.PeerFetches);
        Counter("sent_bytes", "Bytes of bodies sent to visitors.", counters.BytesSent);
        Counter("errors", "Answers of status 5xx made here.", counters.Errors);
        Counter("lease_reports_dropped", "Lease reports that no silo got.", status.DroppedLeaseReports);
        Gauge("stored_objects", "Objects in the cache.", counters.StoredObjects);
        Gauge("stored_bytes", "Bytes of the cache.", counters.StoredBytes);
        Gauge("open_connections", "Connections of visitors.", counters.OpenConnections);
        Gauge("resident_bytes", "Resident memory of the process.", status.ResidentBytes);
        Counter("allocated_bytes", "Bytes allocated on the managed heap.", status.AllocatedBytes);
        Gauge("config_version", "Version of the config in force.", status.Health.ConfigVersion);
        Gauge("purge_sequence", "Last purge that is applied.", status.Cursor.Sequence);
        Gauge("eligibility_epoch", "Decision which PoPs DNS sends visitors to; 0: none yet.", status.Eligibility.Epoch);
        Gauge("peers_silent", "Other edges that have answered before and do not now.", status.Reach?.Silent.Length ?? 0);
        Gauge("feed_connected", "1 while connected to a silo.", status.Health.Feed.State == FeedState.Connected ? 1 : 0);
        Gauge("cut_off", "1 while purges may be missing for longer than some site allows.", status.Health.CutOff is null ? 0 : 1);
        Gauge("drain_wanted", "1 while this edge asks to be taken out.", status.Health.Drain is null ? 0 : 1);
        if (status.Dns?.Summary is { } dns)
        {
            Gauge("dns_up", "1 while the nameserver listens.", dns.State == EdgeDnsState.Answering ? 1 : 0);
            Gauge("dns_config_version", "Version of the config that DNS is answered from.", dns.ConfigVersion);
            Gauge("dns_eligibility_epoch", "Eligibility that DNS is answered from.", dns.Epoch);
            Gauge("dns_zones", "Zones that are answered for.", dns.Zones);
            Counter("dns_queries", "DNS queries.", dns.Queries);
            Counter("dns_steered", "DNS answers that named a PoP.", dns.Steered);
            Counter("dns_failures", "DNS answers SERVFAIL.", dns.Failures);
            Counter("dns_dropped", "DNS queries left without an answer on purpose.", dns.Dropped);
        }

        Disk(text, status.Disk);
        Origins(text, status.Origins);
        return text.ToString();
    }

    /// <summary>Nothing beside the state where there is no disk.</summary>
    private static void Disk(StringBuilder text, EdgeDisk disk)
    {
        const string State = "cdn_edge_disk_state";
        text.Append(CultureInfo.InvariantCulture, $"# HELP {State} 1 for the state that the disk is in.\n# TYPE {State} gauge\n");
        foreach (EdgeDiskState state in Enum.GetValues<EdgeDiskState>())
        {
            text.Append(CultureInfo.InvariantCulture, $"{State}{{state=\"{JsonNamingPolicy.KebabCaseLower.ConvertName(state.ToString())}\"}} {(state == disk.State ? 1 : 0)}\n");
        }

        if (disk.State == EdgeDiskState.Off)
        {
            return;
        }

        Metric(text, "cdn_edge_disk_objects", "gauge", "Objects on disk.", disk.Objects);
        Metric(text, "cdn_edge_disk_bytes", "gauge", "Bytes of the disk's files.", disk.Bytes);
        Metric(text, "cdn_edge_disk_capacity_bytes", "gauge", "Bytes that the disk's files may take.", disk.CapacityBytes);
        Metric(text, "cdn_edge_disk_pending_bytes", "gauge", "Bytes of bodies that wait to be written.", disk.PendingBytes);
        Metric(text, "cdn_edge_disk_hits_total", "counter", "Answers from disk; they are hits, too.", disk.Hits);
        Metric(text, "cdn_edge_disk_writes_dropped_total", "counter", "Objects not written because too much waited.", disk.WritesDropped);
        if (disk.Journal is { } journal)
        {
            Metric(text, "cdn_edge_disk_journal_sequence", "gauge", "Last purge in the disk's journal, flushed.", journal.Sequence);
        }
    }

    /// <summary>Site ids and origins' URLs have no character that would have to be escaped in a label.</summary>
    private static void Origins(StringBuilder text, ImmutableArray<OriginStatus> origins)
    {
        const string Up = "cdn_edge_origin_up";
        const string TimesSick = "cdn_edge_origin_sick_total";
        text.Append(CultureInfo.InvariantCulture, $"# HELP {Up} 1 while the origin is healthy.\n# TYPE {Up} gauge\n");
        foreach (OriginStatus origin in origins)
        {
            int up = origin.Health == OriginHealth.Healthy ? 1 : 0;
            text.Append(CultureInfo.InvariantCulture, $"{Up}{{site=\"{origin.Site}\",origin=\"{origin.Origin}\"}} {up}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"# HELP {TimesSick} Times that the origin was taken out.\n# TYPE {TimesSick} counter\n");
        foreach (OriginStatus origin in origins)
        {
            text.Append(CultureInfo.InvariantCulture, $"{TimesSick}{{site=\"{origin.Site}\",origin=\"{origin.Origin}\"}} {origin.TimesSick}\n");
        }
    }

    private static void Metric(StringBuilder text, string name, string type, string help, long value) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n{name} {value}\n");
}
