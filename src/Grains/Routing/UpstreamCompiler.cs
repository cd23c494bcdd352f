using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Routing.Intent;

namespace OrleansCdn.Grains.Routing;

/// <summary>Config and intent of an upstream as what its neighbours are to see. Pure.</summary>
internal static class UpstreamCompiler
{
    public static CompiledUpstream Compile(CdnConfig config, UpstreamConfig upstream, RouteIntent intent)
    {
        (DesiredUpstream desired, CompiledPolicy compiled) = RouteCompiler.ToDesired(config, upstream, intent, revision: 0);
        return new CompiledUpstream
        {
            Config = upstream,
            Sessions = desired.Sessions,
            Routes = desired.Routes,
            Explanation = compiled.Explanation,
            Errors = [.. compiled.Errors.Select(e => e.Message)],
        };
    }
}
