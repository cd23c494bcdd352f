using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Routing.Catalogue;

namespace OrleansCdn.Routing.Intent;

/// <summary>The part of a config's validation that needs the catalogues: what it asks of a provider can be said to it.</summary>
public static class RoutingCheck
{
    /// <summary>As <see cref="ConfigReader.Read"/>, and with what cannot be announced as it asks.</summary>
    public static ConfigReadResult Read(string yaml)
    {
        ConfigReadResult read = ConfigReader.Read(yaml);
        if (read.Config is null)
        {
            return read;
        }

        ImmutableArray<ConfigError> errors = Of(read.Config, yaml);
        return errors.IsEmpty ? read : new ConfigReadResult(null, errors);
    }

    /// <returns>In the order of the file; empty: all can be said.</returns>
    private static ImmutableArray<ConfigError> Of(CdnConfig config, string yaml)
    {
        ProviderCatalogue catalogue = ProviderCatalogue.Of(config);
        ConfigPlaces? places = null;
        var errors = ImmutableArray.CreateBuilder<ConfigError>();
        foreach (PopConfig pop in config.Pops)
        {
            foreach (UpstreamConfig upstream in pop.Upstreams)
            {
                foreach (PolicyError error in Errors(config, upstream, catalogue))
                {
                    places ??= ConfigPlaces.Of(yaml);
                    errors.Add(places.Error([RootKeys.Pops, pop.Id, RootKeys.Upstreams, upstream.Id, .. Keys(error)], error.Message, showsValue: error.Part == PolicyPart.Provider));
                }
            }
        }

        return [.. errors.OrderBy(e => (e.Line, e.Column))];
    }

    private static ImmutableArray<PolicyError> Errors(CdnConfig config, UpstreamConfig upstream, ProviderCatalogue catalogue)
    {
        if (upstream.Provider != upstream.Id && catalogue.Find(upstream.Provider) is null)
        {
            return [new PolicyError(PolicyPart.Provider, null, $"is not a known provider: known are {string.Join(", ", catalogue.All.Select(p => p.Id))}, and those under providers")];
        }

        // What is withdrawn today is announced by one command tomorrow.
        RoutePolicy policy = RoutePolicy.Merge(upstream with { Announce = true }, RouteIntent.Empty);
        return RouteCompiler.Compile(config.Cluster.Asn ?? 0, config.Cluster.Prefixes, policy, catalogue).Errors;
    }

    private static string[] Keys(PolicyError error) => error.Part switch
    {
        PolicyPart.Provider => ["provider"],
        PolicyPart.CarrierPrepend => ["carriers", error.Carrier!.Name ?? "", "prepend"],
        PolicyPart.CarrierWithdraw => ["carriers", error.Carrier!.Name ?? "", "withdraw"],
        PolicyPart.NoExport => ["no-export"],
        PolicyPart.IxpOnly => ["ixp-only"],
        _ => ["communities"],
    };

    private static class RootKeys
    {
        public const string Pops = "pops";
        public const string Upstreams = "upstreams";
    }
}
