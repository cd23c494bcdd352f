using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace OrleansCdn.Cli.LabOrigin;

/// <summary><see cref="SampleOrigin"/> on a socket.</summary>
internal static class OriginServer
{
    public static WebApplication Create(IPEndPoint listen, SampleOrigin origin)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // Behind a cache that holds back for slow visitors, a slow reader is no attack.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(listen, options => options.Protocols = HttpProtocols.Http1);
        });
        WebApplication app = builder.Build();
        app.Run(origin.HandleAsync);
        return app;
    }
}
