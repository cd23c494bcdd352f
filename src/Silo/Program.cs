using System.Collections.Immutable;
using OrleansCdn.Contracts.Hosting;
using OrleansCdn.Silo;
using OrleansCdn.Silo.Auth;
using OrleansCdn.Silo.Options;

const int CannotStart = 1;
const int WrongUsage = 2;

SiloArguments arguments = SiloArguments.Parse(args);
if (arguments.ShowHelp)
{
    Console.WriteLine(SiloArguments.Help);
    return 0;
}

if (arguments.Errors.IsEmpty && arguments.Settings.TryGetValue(SiloArguments.NewTokenKey, out string? tokenName))
{
    return NewToken.Print(tokenName!, arguments.Settings.GetValueOrDefault(SiloArguments.ScopesKey), Console.Out, Console.Error);
}

WebApplicationBuilder builder = SiloHost.CreateBuilder(arguments);
(SiloOptions? options, ImmutableArray<string> errors) = new SiloOptionsReader(builder.Configuration).Read();
errors = arguments.Errors.AddRange(errors);
if (options is null || !errors.IsEmpty)
{
    foreach (string error in errors)
    {
        Console.Error.WriteLine(error);
    }

    Console.Error.WriteLine("See --help.");
    return WrongUsage;
}

if (arguments.ExitWithStdin)
{
    ParentWatch.Start();
}

await using WebApplication app = SiloHost.Build(builder, options);
try
{
    await app.StartAsync();
}
catch (Exception error) when (error is not OperationCanceledException)
{
    // A port in use, a data directory that another silo holds, a file of newer software: the message says what to do.
    Console.Error.WriteLine($"The silo cannot start: {error.Message}");
    return CannotStart;
}

await app.WaitForShutdownAsync();
return 0;
