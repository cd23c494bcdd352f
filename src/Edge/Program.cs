using OrleansCdn.Edge.Hosting;
using OrleansCdn.Node.Hosting;

return await ProcessMain.RunAsync(
    "edge",
    EdgeCommandLine.Read(args, Environment.GetEnvironmentVariable),
    EdgeCommandLine.Help,
    options => options.ExitWithStdin,
    (options, time, loggers, stop) => new EdgeProcess(options, time, loggers).RunAsync(stop));
