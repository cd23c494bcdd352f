using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OrleansCdn.Silo.Hosting;

/// <summary>Which listener a connection came in by.</summary>
internal enum Listener
{
    Api,
    Feed,
}

/// <summary>Marks connections, so that a request cannot choose its listener by its Host field.</summary>
internal sealed record ListenerTag(Listener Listener)
{
    public static void Mark(ListenOptions options, Listener listener)
    {
        var tag = new ListenerTag(listener);
        options.Use(next => connection =>
        {
            connection.Features.Set(tag);
            return next(connection);
        });
    }
}
