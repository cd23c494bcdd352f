using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Contracts;

/// <summary>JSON of everything that crosses a process boundary.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CdnConfig))]
[JsonSerializable(typeof(EdgeMessage))]
[JsonSerializable(typeof(SiloMessage))]
[JsonSerializable(typeof(EdgeLocal))]
[JsonSerializable(typeof(LeaseRequest))]
[JsonSerializable(typeof(LeaseReply))]
[JsonSerializable(typeof(LeaseReport))]
[JsonSerializable(typeof(StatusReply))]
[JsonSerializable(typeof(ConfigApplyReply))]
[JsonSerializable(typeof(ConfigVersionReply))]
[JsonSerializable(typeof(ConfigHistoryReply))]
[JsonSerializable(typeof(ConfigRollbackRequest))]
[JsonSerializable(typeof(DnsCheckReport))]
[JsonSerializable(typeof(PurgeRequest))]
[JsonSerializable(typeof(PurgeReply))]
[JsonSerializable(typeof(AuditReply))]
[JsonSerializable(typeof(FastlyKeys))]
[JsonSerializable(typeof(PluginPurgeReply))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(ExplainRequest))]
[JsonSerializable(typeof(ExplainReply))]
[JsonSerializable(typeof(DnsExplainRequest))]
[JsonSerializable(typeof(DnsExplainReply))]
[JsonSerializable(typeof(Explanation))]
[JsonSerializable(typeof(PopularityView))]
[JsonSerializable(typeof(PrewarmRequest))]
[JsonSerializable(typeof(PrewarmReply))]
[JsonSerializable(typeof(PrewarmListReply))]
[JsonSerializable(typeof(CoverageReply))]
[JsonSerializable(typeof(AnnouncerMessage))]
[JsonSerializable(typeof(AnnouncerOrder))]
[JsonSerializable(typeof(RouteIntent))]
[JsonSerializable(typeof(RoutesReply))]
[JsonSerializable(typeof(RouteChangeRequest))]
[JsonSerializable(typeof(RouteChangeReply))]
[JsonSerializable(typeof(RouteRollbackRequest))]
[JsonSerializable(typeof(RouteHistoryReply))]
[JsonSerializable(typeof(SchedulesReply))]
[JsonSerializable(typeof(BgpSessionsReply))]
[JsonSerializable(typeof(DrainRequest))]
[JsonSerializable(typeof(DrainReply))]
[JsonSerializable(typeof(DrainProgressReply))]
[JsonSerializable(typeof(MaintenanceRequest))]
[JsonSerializable(typeof(MaintenanceWindow))]
[JsonSerializable(typeof(MaintenanceReply))]
[JsonSerializable(typeof(DnsKeysReply))]
[JsonSerializable(typeof(DnsKeyRequest))]
[JsonSerializable(typeof(HealthReply))]
[JsonSerializable(typeof(EventsReply))]
[JsonSerializable(typeof(CdnEvent))]
[JsonSerializable(typeof(NotificationsReply))]
[JsonSerializable(typeof(WebhookTestReply))]
[JsonSerializable(typeof(WebhookMessage))]
[JsonSerializable(typeof(FailoverReply))]
[JsonSerializable(typeof(ApiProblem))]
public sealed partial class ContractsJson : JsonSerializerContext;
