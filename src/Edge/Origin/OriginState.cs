using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Origin;

/// <summary>Who an origin is over the versions of a config: another of these is another origin, whose state begins anew.</summary>
public readonly record struct OriginId(string Site, Uri Url, string? HostHeader)
{
    public static OriginId Of(SiteConfig site, OriginConfig origin) => new(site.Id, origin.Url, origin.HostHeader);
}

[JsonConverter(typeof(JsonStringEnumConverter<OriginHealth>))]
public enum OriginHealth
{
    Healthy,

    /// <summary>Requests to it failed: it is passed over for a while.</summary>
    Tripped,

    /// <summary>Its back-off has passed: one request may try it.</summary>
    TrialDue,

    /// <summary>Its health checks fail.</summary>
    CheckFailed,
}

/// <summary>One origin as status pages show it.</summary>
public sealed record OriginStatus
{
    public required string Site { get; init; }

    /// <summary>Scheme, host and port.</summary>
    public required string Origin { get; init; }

    public required OriginHealth Health { get; init; }

    /// <summary>A token of <see cref="UpstreamFailureText"/>, of the last request that failed; null: none has.</summary>
    public string? LastFailure { get; init; }

    /// <summary>What the last health check saw: a status, or a token as above; null: there was none.</summary>
    public string? LastCheck { get; init; }

    /// <summary>Times that it was taken out since the edge's start.</summary>
    public required long TimesSick { get; init; }
}

/// <summary>What this edge knows of one origin of one site. It outlives versions of the config.</summary>
public sealed class OriginState(OriginId id, Random jitter)
{
    private readonly Lock _lock = new();
    private CircuitState _circuit;
    private CheckRun _checks;
    private UpstreamFailure _lastFailure;
    private string? _lastCheck;
    private long _timesSick;

    public OriginId Id { get; } = id;

    /// <summary>Of its answers.</summary>
    public ResponseSource Source { get; } = ResponseSource.Of(FilledFrom.Origin, id.Url.GetLeftPart(UriPartial.Authority));

    public OriginHealth Health(double now)
    {
        lock (_lock)
        {
            return Health_NeedsLock(now);
        }
    }

    /// <summary>True: the caller's request is the one that tries whether the origin is back, and reports how it ended.</summary>
    public bool TryBeginTrial(double now, CircuitRules rules)
    {
        lock (_lock)
        {
            if (Health_NeedsLock(now) != OriginHealth.TrialDue)
            {
                return false;
            }

            _circuit = _circuit.Step(CircuitEvent.TrialBegan, now, rules, 0);
            return true;
        }
    }

    /// <returns>Whether the origin is healthy now and was not before, or the other way round.</returns>
    public bool Report(CircuitEvent what, UpstreamFailure failure, double now, CircuitRules rules)
    {
        lock (_lock)
        {
            if (what == CircuitEvent.Failed)
            {
                _lastFailure = failure;
            }

            bool wasSick = IsSick_NeedsLock;
            _circuit = _circuit.Step(what, now, rules, jitter.NextDouble());
            return Changed_NeedsLock(wasSick);
        }
    }

    /// <param name="seen">A status, or why there was none.</param>
    /// <returns>As <see cref="Report"/>.</returns>
    public bool ReportCheck(bool isGood, string seen, HealthCheckConfig check)
    {
        lock (_lock)
        {
            bool wasSick = IsSick_NeedsLock;
            _lastCheck = seen;
            bool failedBefore = _checks.IsSick;
            _checks = _checks.Step(isGood, check.HealthyAfter, check.UnhealthyAfter);
            if (failedBefore && !_checks.IsSick)
            {
                // The checks have proved that it is back: no trial is needed on top.
                _circuit = default;
            }

            return Changed_NeedsLock(wasSick);
        }
    }

    /// <summary>Nobody checks it any more: what the checks said no longer counts.</summary>
    public void ForgetChecks()
    {
        lock (_lock)
        {
            _checks = default;
            _lastCheck = null;
        }
    }

    public OriginStatus Status(double now)
    {
        lock (_lock)
        {
            return new OriginStatus
            {
                Site = Id.Site,
                Origin = Id.Url.GetLeftPart(UriPartial.Authority),
                Health = Health_NeedsLock(now),
                LastFailure = _lastFailure == UpstreamFailure.None ? null : _lastFailure.Token(),
                LastCheck = _lastCheck,
                TimesSick = _timesSick,
            };
        }
    }

    private bool IsSick_NeedsLock => _checks.IsSick || _circuit.Phase != CircuitPhase.Closed;

    private OriginHealth Health_NeedsLock(double now) =>
        _checks.IsSick ? OriginHealth.CheckFailed
        : _circuit.Phase == CircuitPhase.Closed ? OriginHealth.Healthy
        : _circuit.IsTrialDue(now) ? OriginHealth.TrialDue
        : OriginHealth.Tripped;

    private bool Changed_NeedsLock(bool wasSick)
    {
        bool isSick = IsSick_NeedsLock;
        if (isSick && !wasSick)
        {
            _timesSick++;
        }

        return isSick != wasSick;
    }
}
