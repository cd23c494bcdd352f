using System.Globalization;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Api;

/// <summary>Every purge comes through here, whatever form it was asked in: may this token, is it right, not too fast; then the log.</summary>
internal sealed partial class PurgeDesk(
    IGrainFactory grains, ConfigCache configs, PurgeGrants grants, RefusedPurges refusals, TimeProvider time, ILogger<PurgeDesk> log)
{
    /// <summary>How much of a refused site's name stands in the log.</summary>
    private const int MaxLoggedSite = 64;

    /// <summary>The beginning of a list of mistakes tells what it is about.</summary>
    private const int MaxLoggedDetail = 500;

    public async Task<PurgeAnswer> PurgeAsync(PurgeRequest request, HttpContext context, CancellationToken cancellationToken)
    {
        string who = context.User.Identity?.Name ?? "";
        string from = context.Connection.RemoteIpAddress?.ToString() ?? "";
        PurgeAnswer answer = await DecideAsync(request, context, who, from, cancellationToken);
        switch (answer)
        {
            case PurgeAnswer.Stored { Repeated: true } again:
                LogRepeated(again.Receipt.Id, who, from);
                break;
            case PurgeAnswer.Stored { Receipt: { } receipt }:
                LogPurged(receipt.Id, who, from, receipt.Site, receipt.Kind, receipt.Soft, receipt.Entries);
                break;
            case PurgeAnswer.Refused refused:
                Refused(request, who, from, refused);
                break;
        }

        return answer;
    }

    /// <summary>A request that is no purge, for the same record as those that are refused here.</summary>
    public PurgeAnswer.Refused Refuse(HttpContext context, int status, string detail)
    {
        var refused = new PurgeAnswer.Refused(status, detail);
        Refused(null, context.User.Identity?.Name ?? "", context.Connection.RemoteIpAddress?.ToString() ?? "", refused);
        return refused;
    }

    /// <summary>Tokens of some sites are not told which others there are.</summary>
    public bool MayKnowOfSites(HttpContext context) => grants.Of(context.User).Sites is null;

    private async Task<PurgeAnswer> DecideAsync(PurgeRequest request, HttpContext context, string who, string from, CancellationToken cancellationToken)
    {
        // Before the config is looked at: what is refused here says nothing of other sites.
        PurgeGrant grant = grants.Of(context.User);
        if (!grant.Allows(request.Site, request.Kind))
        {
            return new PurgeAnswer.Refused(
                StatusCodes.Status403Forbidden, $"The token '{who}' may not purge this: it may purge {grant}. The tokens file says so; use another token, or change its entry.");
        }

        if (await configs.CurrentAsync(cancellationToken) is not { } snapshot)
        {
            return new PurgeAnswer.Refused(StatusCodes.Status409Conflict, "No config is in force, so there is no site to purge: apply one first.");
        }

        (PurgeAppend? append, string? error) = PurgeRequestReader.Read(request, snapshot.Config, who);
        if (append is null)
        {
            return new PurgeAnswer.Refused(StatusCodes.Status422UnprocessableEntity, error!);
        }

        if (request.Refresh && !ScopePolicies.Has(context.User, Scope.Prewarm))
        {
            return new PurgeAnswer.Refused(
                StatusCodes.Status403Forbidden, $"The token '{who}' may not refresh what it purges: that takes the scope 'prewarm' besides 'purge'. Nothing was purged.");
        }

        (PurgeKey? key, error) = IdempotencyKeys.Read(context.Request, append);
        if (error is not null)
        {
            return new PurgeAnswer.Refused(StatusCodes.Status422UnprocessableEntity, error);
        }

        int values = request.DryRun || request.Kind == PurgeKind.Site ? 1 : request.Values.Length;
        if (grants.Take(context.User, values) is { } wait)
        {
            return wait == TimeSpan.MaxValue
                ? new PurgeAnswer.Refused(
                    StatusCodes.Status403Forbidden, $"The token '{who}' may purge {grant}, and this request alone has {values}: split it up.")
                : new PurgeAnswer.Refused(
                    StatusCodes.Status429TooManyRequests, $"The token '{who}' may purge {grant}: too many just now, try again later.", Seconds(wait));
        }

        if (request.DryRun)
        {
            return new PurgeAnswer.Tried(append, snapshot);
        }

        PurgeAppendOutcome outcome = await grains.GetGrain<IPurgeLogGrain>(GrainKeys.Cluster)
            .AppendAsync(append with { From = from, Key = key }, cancellationToken);
        return outcome switch
        {
            { Receipt: { } receipt } => new PurgeAnswer.Stored(receipt, snapshot, outcome.Verdict == PurgeAppendVerdict.Repeated),
            { Verdict: PurgeAppendVerdict.KeyTaken } => new PurgeAnswer.Refused(
                StatusCodes.Status422UnprocessableEntity, $"This '{ApiRoutes.IdempotencyKey}' was sent with another purge in the last 24 hours: nothing was purged. Send each purge with a key of its own."),
            _ => new PurgeAnswer.Refused(
                StatusCodes.Status503ServiceUnavailable, "More purges wait to be written than the silo keeps: nothing of this one was stored. Try again in a second.", 1),
        };
    }

    private void Refused(PurgeRequest? request, string who, string from, PurgeAnswer.Refused refused)
    {
        var entry = new AuditEntry
        {
            When = time.GetUtcNow(),
            Who = who,
            From = from,
            Action = AuditAction.Purge,
            Outcome = AuditOutcome.Refused,
            // Never null: what has no site is nobody's whose token has some.
            Site = Shorten(request?.Site ?? "", MaxLoggedSite),
            Kind = request?.Kind,
            Soft = request?.Soft,
            Count = request is null || request.Values.IsDefault ? 0 : request.Values.Length,
            Values = request is null || request.Values.IsDefault ? [] : AuditEntry.Sample(request.Values),
            Detail = Shorten(refused.Detail, MaxLoggedDetail),
        };
        if (refusals.Add(entry))
        {
            LogRefused(who, from, RefusedPurges.Printable(entry.Site), entry.Kind, entry.Count, refused.Status, RefusedPurges.Printable(entry.Detail));
        }
    }

    private static string Shorten(string text, int length) => text.Length <= length ? text : text[..(length - 1)] + "…";

    private static int Seconds(TimeSpan wait) => Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));

    [LoggerMessage(Level = LogLevel.Information, Message = "Purge {Id} by {Who} from {From}: site {Site}, {Kind}, soft {Soft}, {Entries} entries")]
    private partial void LogPurged(string id, string who, string from, string site, PurgeKind kind, bool soft, int entries);

    [LoggerMessage(Level = LogLevel.Information, Message = "Purge {Id} was asked for again with its key, by {Who} from {From}")]
    private partial void LogRepeated(string id, string who, string from);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Purge by {Who} from {From} refused: site {Site}, {Kind}, {Values} values: {Status} {Reason}")]
    private partial void LogRefused(string who, string from, string site, PurgeKind? kind, int values, int status, string reason);
}

/// <summary>What became of a request to purge.</summary>
internal abstract record PurgeAnswer
{
    private PurgeAnswer()
    {
    }

    /// <param name="Receipt">Of this purge, or of the first one with its key.</param>
    /// <param name="Snapshot">The config that it was checked against.</param>
    /// <param name="Repeated">Nothing was purged now.</param>
    public sealed record Stored(PurgeReceipt Receipt, ConfigSnapshot Snapshot, bool Repeated) : PurgeAnswer;

    /// <summary>It may be purged, and was only asked about: nothing is in the log.</summary>
    /// <param name="Snapshot">The config that it was checked against.</param>
    public sealed record Tried(PurgeAppend Append, ConfigSnapshot Snapshot) : PurgeAnswer;

    /// <param name="Status">403, 409, 422, 429 or 503.</param>
    /// <param name="Detail">What is wrong and how to mend it.</param>
    /// <param name="RetryAfter">Seconds; null: trying again does not help.</param>
    public sealed record Refused(int Status, string Detail, int? RetryAfter = null) : PurgeAnswer
    {
        public IResult Result(HttpContext context)
        {
            if (RetryAfter is { } seconds)
            {
                context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            }

            return Problems.Of(Status, Detail);
        }
    }
}
