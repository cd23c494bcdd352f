using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OrleansCdn.Edge.Http;

namespace OrleansCdn.Edge.Hosting.Transport;

/// <summary>Puts a <see cref="SocketOutput"/> in the place of each connection's own output.</summary>
internal static class SocketOutputMiddleware
{
    /// <param name="isPlain">What the server writes is what goes to the socket: stored bodies may be lent to it.</param>
    public static void UseSocketOutput(this ListenOptions options, bool isPlain) => options.Use(next => connection =>
    {
        if (connection.Features.Get<IConnectionSocketFeature>() is { } feature)
        {
            var output = new SocketOutput(feature.Socket, connection, connection.Transport.Output);
            connection.Transport = new Duplex(connection.Transport.Input, output);
            if (isPlain)
            {
                connection.Features.Set<ILendingOutput>(output);
            }
        }

        return next(connection);
    });

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
