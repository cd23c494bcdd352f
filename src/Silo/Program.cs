using System.Collections.Immutable;
using OrleansCdn.Contracts.Hosting;
using OrleansCdn.Silo;
using OrleansCdn.Silo.Auth;
using OrleansCdn.Silo.Options;

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
await app.RunAsync();
return 0;
