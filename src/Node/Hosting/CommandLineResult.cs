using System.Collections.Immutable;

namespace OrleansCdn.Node.Hosting;

/// <summary>Either options, or a wish for help, or every mistake at once.</summary>
public sealed record CommandLineResult<TOptions>(TOptions? Options, bool HelpWanted, ImmutableArray<string> Errors)
    where TOptions : class;
