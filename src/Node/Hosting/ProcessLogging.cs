using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace OrleansCdn.Node.Hosting;

/// <summary>One line an event on standard output, with the time in UTC.</summary>
public static class ProcessLogging
{
    public static ILoggerFactory Create(TimeProvider time) => LoggerFactory.Create(logging =>
    {
        logging.Services.AddSingleton(time);
        logging
            .AddConsole(console => console.FormatterName = PlainLineFormatter.FormatterName)
            .AddConsoleFormatter<PlainLineFormatter, ConsoleFormatterOptions>()
            .AddFilter("Microsoft", LogLevel.Warning)

            // With this category on, even for what never happens, the host makes an Activity for every request.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)

            // One line for each connection over the limit would let a flood fill the log.
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel.Connections", LogLevel.Error);

        // A reader of our output that stands still (a full pipe, a stopped terminal) must not stop the process.
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite);
    });
}
