using OrleansCdn.Announcer.Hosting;
using OrleansCdn.Node.Hosting;

return await ProcessMain.RunAsync(
    "announcer",
    AnnouncerCommandLine.Read(args, Environment.GetEnvironmentVariable),
    AnnouncerCommandLine.Help,
    options => options.ExitWithStdin,
    (options, time, loggers, stop) => new AnnouncerProcess(options, time, loggers).RunAsync(stop));
