using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class RedirectSection
{
    public static readonly ScalarKey<string> Path = ScalarKey<string>.Must(
        "path", PathPatterns.Path, "The path as the visitor sends it, exactly, or its beginning and a `*`.");

    public static readonly ScalarKey<string> To = ScalarKey<string>.Must(
        "to", RedirectTexts.Target, "Where it leads. After a `*` at its end follows what the path's `*` stood for.");

    public static readonly ScalarKey<int> Status = ScalarKey<int>.May(
        "status", RedirectTexts.Status, ConfigDefaults.RedirectStatus, "301 and 308 are for good, 302 and 307 for now; 307 and 308 keep method and body.");

    public static readonly ScalarKey<bool> KeepQuery = ScalarKey<bool>.May(
        "keep-query", Numbers.Flag, ConfigDefaults.KeepQuery, "Appends the request's query.");

    public static readonly KeyTable Table = new("sites.ID.redirects[]", [Path, To, Status, KeepQuery]);

    public static RedirectConfig Bind(MapReader keys, FileFacts facts)
    {
        Found<string> path = keys.Read(Path);
        Found<string> to = keys.Read(To);
        if (path.Given && to.Given && to.Value.EndsWith('*') && !path.Value.EndsWith('*'))
        {
            facts.Errors.Add(to.Node!, "has a * that nothing stands for: path has none", "a * in both, or in none");
        }

        return new RedirectConfig { Path = path.Value, To = to.Value, Status = keys.Read(Status).Value, KeepQuery = keys.Read(KeepQuery).Value };
    }
}
