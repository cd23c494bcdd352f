using System.Collections.Immutable;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Auth;
using OrleansCdn.Silo.Rpki;

namespace OrleansCdn.Silo.Api;

/// <summary>The config: to put in force, to look at, to go back.</summary>
internal sealed class ConfigEndpoints(IGrainFactory grains, OriginGate origins)
{
    /// <summary>Longest reason for a change: a commit message.</summary>
    private const int MaxWhyLength = 500;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private IConfigGrain Config => grains.GetGrain<IConfigGrain>(GrainKeys.Cluster);

    public static void Map(IEndpointRouteBuilder routes)
    {
        ConfigEndpoints endpoints = routes.ServiceProvider.GetRequiredService<ConfigEndpoints>();
        routes.MapPut(ApiRoutes.Config, endpoints.ApplyAsync)
            .RequireScope(Scope.Admin)
            .Accepts<string>("application/yaml", "text/yaml", "application/x-yaml", "text/x-yaml", "text/plain")
            .WithMetadata(new RequestSizeLimitAttribute(ApiRoutes.MaxConfigBytes))
            .WithName("ApplyConfig").WithSummary("Puts a config in force, or with 'dryRun' says what it would change.")
            .Produces<ConfigApplyReply>()
            .Produces<ApiProblem>(StatusCodes.Status409Conflict, "application/problem+json")
            .Produces<ApiProblem>(StatusCodes.Status422UnprocessableEntity, "application/problem+json");
        routes.MapGet(ApiRoutes.Config, (CancellationToken cancellationToken) => endpoints.VersionAsync(0, cancellationToken))
            .RequireScope(Scope.Read)
            .WithName("GetConfig").WithSummary("The config in force.").Produces<ConfigVersionReply>();
        routes.MapGet(ApiRoutes.ConfigVersion, endpoints.VersionAsync)
            .RequireScope(Scope.Read)
            .WithName("GetConfigVersion").WithSummary("An earlier config.").Produces<ConfigVersionReply>();
        routes.MapGet(ApiRoutes.ConfigHistory, endpoints.HistoryAsync)
            .RequireScope(Scope.Read)
            .WithName("GetConfigHistory").WithSummary("Versions that are kept, oldest first.").Produces<ConfigHistoryReply>();
        routes.MapPost(ApiRoutes.ConfigRollback, endpoints.RollbackAsync)
            .RequireScope(Scope.Admin)
            .WithName("RollbackConfig").WithSummary("Makes an earlier config the newest version.").Produces<ConfigApplyReply>();
    }

    private async Task<IResult> ApplyAsync(
        HttpRequest request, bool? dryRun, long? expectedVersion, string? why, bool? overrideRpki, CancellationToken cancellationToken)
    {
        if (Why(why) is { } wrong)
        {
            return wrong;
        }

        string yaml;
        try
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, cancellationToken);
            yaml = Strict.GetString(body.GetBuffer().AsSpan(0, (int)body.Length));
        }
        catch (DecoderFallbackException error)
        {
            return Problems.Of(StatusCodes.Status400BadRequest, $"The config is not UTF-8: the bytes at {error.Index} are not a character. Save the file as UTF-8.");
        }

        ImmutableArray<string> invalid = await origins.OfConfigAsync(yaml, cancellationToken);
        if (!invalid.IsEmpty && overrideRpki != true)
        {
            return RpkiInvalid(invalid);
        }

        var apply = new ConfigApply
        {
            Yaml = yaml,
            DryRun = dryRun ?? false,
            ExpectedVersion = expectedVersion,
            Who = Who(request.HttpContext),
            From = From(request.HttpContext),
            Why = invalid.IsEmpty ? why : $"{why} (RPKI overridden)".TrimStart(),
        };
        return Answer(await Config.ApplyAsync(apply, cancellationToken), expectedVersion);
    }

    private async Task<IResult> RollbackAsync(ConfigRollbackRequest request, HttpContext context, CancellationToken cancellationToken)
    {
        if (Why(request.Why) is { } wrong)
        {
            return wrong;
        }

        ImmutableArray<string> invalid = await Config.VersionAsync(request.Version, cancellationToken) is { } old
            ? await origins.OfConfigAsync(old.Yaml, cancellationToken)
            : [];
        if (!invalid.IsEmpty && !request.OverrideRpki)
        {
            return RpkiInvalid(invalid);
        }

        var rollback = new ConfigRollback
        {
            Version = request.Version,
            Who = Who(context),
            From = From(context),
            Why = invalid.IsEmpty ? request.Why : $"{request.Why} (RPKI overridden)".TrimStart(),
        };
        return Answer(await Config.RollbackAsync(rollback, cancellationToken), request.Version);
    }

    private async Task<IResult> VersionAsync(long version, CancellationToken cancellationToken) =>
        await Config.VersionAsync(version, cancellationToken) is { } reply ? TypedResults.Ok(reply)
        : version == 0 ? Problems.Of(StatusCodes.Status404NotFound, "No config is in force yet: apply one with PUT /v1/config.")
        : Unknown(version);

    private async Task<IResult> HistoryAsync(CancellationToken cancellationToken) =>
        TypedResults.Ok(await Config.HistoryAsync(cancellationToken));

    private static IResult Answer(ConfigOutcome outcome, long? asked) => outcome.Verdict switch
    {
        ConfigVerdict.Applied or ConfigVerdict.DryRun or ConfigVerdict.Unchanged => TypedResults.Ok(new ConfigApplyReply
        {
            Version = outcome.Version,
            DryRun = outcome.Verdict == ConfigVerdict.DryRun,
            Changes = outcome.Changes,
        }),
        ConfigVerdict.Conflict => Problems.Of(
            StatusCodes.Status409Conflict, $"Version {outcome.Version} is in force, not {asked}: look at what has changed since, and apply again."),
        ConfigVerdict.UnknownVersion => Unknown(asked ?? 0),
        _ => Problems.Of(StatusCodes.Status422UnprocessableEntity, Summary(outcome.Errors), outcome.Errors),
    };

    private static JsonHttpResult<ApiProblem> RpkiInvalid(ImmutableArray<string> invalid) =>
        Problems.Of(StatusCodes.Status422UnprocessableEntity, $"{string.Join("; ", invalid)}. {OriginGate.HowToOverride}.");

    private static JsonHttpResult<ApiProblem> Unknown(long version) =>
        Problems.Of(StatusCodes.Status404NotFound, $"There is no config version {version}, or it is older than the history goes: {ApiRoutes.ConfigHistory} lists what there is.");

    private static JsonHttpResult<ApiProblem>? Why(string? why) =>
        why is { Length: > MaxWhyLength } ? Problems.Of(StatusCodes.Status422UnprocessableEntity, $"'why' has {why.Length} characters, at most {MaxWhyLength} are allowed.") : null;

    private static string Summary(ImmutableArray<ConfigError> errors) =>
        errors.Length == 1 ? "The config has a mistake; nothing was changed." : $"The config has {errors.Length} mistakes; nothing was changed.";

    private static string? From(HttpContext context) => context.Connection.RemoteIpAddress?.ToString();

    private static string Who(HttpContext context) => context.User.Identity?.Name ?? "";
}
