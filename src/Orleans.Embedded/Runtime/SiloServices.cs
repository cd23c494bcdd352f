using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>The services that UseOrleans adds.</summary>
internal static class SiloServices
{
    public static ISiloBuilder Add(IServiceCollection services, IConfiguration configuration)
    {
        if (services.FirstOrDefault(d => d.ServiceType == typeof(SiloBuilder))?.ImplementationInstance is SiloBuilder existing)
            return existing;

        SiloBuilder builder = new(services, configuration);
        services.AddSingleton(builder);
        services.AddOptions();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(configuration);
        services.AddSingleton<SiloCore>();
        services.AddSingleton<IClusterClient>(provider => provider.GetRequiredService<SiloCore>().Client);
        services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<SiloCore>().Client);
        services.AddSingleton<ILocalSiloDetails, LocalSiloDetails>();
        services.AddHostedService<SiloHostedService>();
        return builder;
    }
}
