using Microsoft.Extensions.Logging.Console;

namespace OrleansCdn.Edge.Hosting;

/// <summary>One line an event on standard output, with the time in UTC.</summary>
internal static class EdgeLogging
{
    public static ILoggerFactory Create() => LoggerFactory.Create(logging => logging
        .AddSimpleConsole(format =>
        {
            format.SingleLine = true;
            format.UseUtcTimestamp = true;
            format.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            format.ColorBehavior = LoggerColorBehavior.Disabled;
        })
        .AddFilter("Microsoft", LogLevel.Warning)

        // One line for each connection over the limit would let a flood fill the log.
        .AddFilter("Microsoft.AspNetCore.Server.Kestrel.Connections", LogLevel.Error)

        // A reader of our output that stands still (a full pipe, a stopped terminal) must not stop the edge.
        .Services.Configure<ConsoleLoggerOptions>(console => console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite));
}
