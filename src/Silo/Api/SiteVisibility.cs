using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Api;

/// <summary>Tokens of some sites see nothing of the others.</summary>
internal static class SiteVisibility
{
    /// <summary>Null: the site may be asked about. To be called before the config is looked at, so that the answer says nothing of other sites.</summary>
    public static IResult? RefuseSite(this PurgeGrants grants, HttpContext context, string site)
    {
        PurgeGrant grant = grants.Of(context.User);
        return grant.AllowsSite(site) ? null : Problems.Of(
            StatusCodes.Status403Forbidden,
            $"The token '{context.User.Identity?.Name ?? ""}' may not ask about this site: it may do so for {string.Join(", ", grant.Sites!.Value)}.");
    }
}
