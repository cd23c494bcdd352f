using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Api.Plugins;

/// <summary>Purges in the forms that plug-ins for Fastly and Varnish send. What may be purged, and what is told of it, is the API's own.</summary>
internal sealed class PluginEndpoints(PurgeDesk desk, ConfigCache configs)
{
    /// <summary>The largest number of keys, with a usual length.</summary>
    private const int MaxBodyBytes = 1024 * 1024;

    /// <summary>Where requests with a method of Varnish's are routed, whatever their path is.</summary>
    private const string VarnishPath = "/varnish";

    private const string VarnishMethod = "PURGE";

    public static void Map(IEndpointRouteBuilder routes)
    {
        PluginEndpoints endpoints = routes.ServiceProvider.GetRequiredService<PluginEndpoints>();
        Form(routes.MapPost(FastlyRoutes.Key, endpoints.KeyAsync)).WithSummary("Fastly's form: purges a surrogate key of a site.");
        Form(routes.MapPost(FastlyRoutes.Keys, endpoints.KeysAsync)).WithSummary("Fastly's form: purges the surrogate keys of the field Surrogate-Key or the body.");
        Form(routes.MapPost(FastlyRoutes.All, endpoints.AllAsync)).WithSummary("Fastly's form: purges a site.");
        Form(routes.MapPost(FastlyRoutes.Url, endpoints.UrlAsync)).WithSummary("Fastly's form: purges a URL.");
        Form(routes.MapMethods(VarnishPath, [VarnishMethod], endpoints.VarnishAsync)).ExcludeFromDescription();
    }

    /// <summary>Before routing: the path of such a request is the site's, not this API's.</summary>
    public static void Route(HttpContext context)
    {
        if (VarnishForm.IsMethod(context.Request.Method))
        {
            context.Features.Set(new VarnishRequest(context.Request.Method));
            (context.Request.Method, context.Request.Path) = (VarnishMethod, VarnishPath);
        }
    }

    private static RouteHandlerBuilder Form(RouteHandlerBuilder route) =>
        route.RequireScope(Scope.Purge).WithMetadata(new PluginForm(), new RequestSizeLimitAttribute(MaxBodyBytes));

    private Task<IResult> KeyAsync(string site, HttpContext context, CancellationToken cancellationToken)
    {
        // The last segment as it was sent: the router leaves %2F as it is.
        string target = RawTarget(context).Split('?')[0];
        string key = Uri.UnescapeDataString(target[(target.LastIndexOf('/') + 1)..]);
        return PurgeAsync(new PurgeRequest { Site = site, Kind = PurgeKind.Tag, Values = [key], Soft = IsSoft(context) }, context, cancellationToken);
    }

    private async Task<IResult> KeysAsync(string site, HttpContext context, CancellationToken cancellationToken)
    {
        string[] keys = string.Join(' ', (IEnumerable<string?>)context.Request.Headers["Surrogate-Key"]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (keys.Length == 0)
        {
            try
            {
                FastlyKeys? body = await JsonSerializer.DeserializeAsync(context.Request.Body, ContractsJson.Default.FastlyKeys, cancellationToken);
                keys = body is null || body.SurrogateKeys.IsDefault ? [] : [.. body.SurrogateKeys];
            }
            catch (JsonException)
            {
                return desk.Refuse(context, StatusCodes.Status400BadRequest, """Send keys in the field 'Surrogate-Key', or as a body {"surrogate_keys":["a","b"]}.""").Result(context);
            }
        }

        PurgeAnswer answer = await desk.PurgeAsync(
            new PurgeRequest { Site = site, Kind = PurgeKind.Tag, Values = [.. keys], Soft = IsSoft(context) }, context, cancellationToken);
        return answer is PurgeAnswer.Stored stored
            ? TypedResults.Ok(keys.Distinct().ToDictionary(key => key, _ => stored.Receipt.Id))
            : Reply(answer, context);
    }

    private Task<IResult> AllAsync(string site, HttpContext context, CancellationToken cancellationToken) =>
        PurgeAsync(new PurgeRequest { Site = site, Kind = PurgeKind.Site, Soft = IsSoft(context) }, context, cancellationToken);

    private async Task<IResult> UrlAsync(HttpContext context, CancellationToken cancellationToken)
    {
        // As it was sent: a path that was decoded names another URL.
        const string before = "/purge/";
        string target = RawTarget(context);
        string url = target.StartsWith(before, StringComparison.Ordinal) ? "http://" + target[before.Length..] : target;
        return PurgeUrl.TryParse(url, out PurgeUrl parsed, out string? error)
            ? await OfHostAsync(new VarnishForm(parsed.Host, PurgeKind.Url, [url], IsSoft(context)), context, cancellationToken)
            : desk.Refuse(context, StatusCodes.Status400BadRequest, $"What follows /purge/ is no URL: {error}.").Result(context);
    }

    private async Task<IResult> VarnishAsync(HttpContext context, CancellationToken cancellationToken)
    {
        string method = context.Features.Get<VarnishRequest>()!.Method;
        (VarnishForm? form, string? error) = VarnishForm.Read(
            method, context.Request.Host.Value ?? "", RawTarget(context), context.Request.Headers, context.Connection.LocalPort);
        return form is null
            ? desk.Refuse(context, StatusCodes.Status400BadRequest, error!).Result(context)
            : await OfHostAsync(form, context, cancellationToken);
    }

    /// <summary>Such a request names no site: it is that of its host.</summary>
    private async Task<IResult> OfHostAsync(VarnishForm form, HttpContext context, CancellationToken cancellationToken)
    {
        ConfigSnapshot? snapshot = await configs.CurrentAsync(cancellationToken);
        string? site = snapshot is null ? null : SiteHosts.Find(snapshot.Config, form.Host)?.Id;
        return site is null && snapshot is not null && desk.MayKnowOfSites(context)
            ? desk.Refuse(
                context, StatusCodes.Status422UnprocessableEntity, $"The host '{form.Host}' belongs to no site. The request's 'Host' has to be the site's, not this API's.").Result(context)
            : await PurgeAsync(new PurgeRequest { Site = site ?? "", Kind = form.Kind, Values = form.Values, Soft = form.Soft }, context, cancellationToken);
    }

    private async Task<IResult> PurgeAsync(PurgeRequest request, HttpContext context, CancellationToken cancellationToken) =>
        Reply(await desk.PurgeAsync(request, context, cancellationToken), context);

    private static IResult Reply(PurgeAnswer answer, HttpContext context) => answer switch
    {
        PurgeAnswer.Refused refused => refused.Result(context),
        PurgeAnswer.Stored stored => TypedResults.Ok(new PluginPurgeReply("ok", stored.Receipt.Id)),
        _ => throw new InvalidOperationException("a purge is stored or refused"),
    };

    private static bool IsSoft(HttpContext context) => context.Request.Headers["Fastly-Soft-Purge"] == "1";

    private static string RawTarget(HttpContext context) => context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;

    /// <param name="Method">As it was sent.</param>
    private sealed record VarnishRequest(string Method);
}
