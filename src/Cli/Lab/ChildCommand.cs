using System.Collections.Immutable;
using OrleansCdn.Contracts.Hosting;

namespace OrleansCdn.Cli.Lab;

/// <summary>How a program of this CDN is started on this machine.</summary>
internal sealed record ChildCommand(string File, ImmutableArray<string> Arguments, string WorkingDirectory)
{
    /// <summary>
    /// A program beside this one: <c>artifacts/bin/Silo/release</c> when built from source (this one is in
    /// <c>artifacts/bin/Cli/release</c>), <c>silo/</c> when published.
    /// </summary>
    /// <exception cref="CommandFailure">It is at neither place.</exception>
    public static ChildCommand Find(string project, params ReadOnlySpan<string> arguments)
    {
        string here = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        string built = Path.GetFullPath(Path.Combine(here, "..", "..", project, Path.GetFileName(here)));
        string published = Path.Combine(here, project.ToLowerInvariant());
        foreach (string directory in (string[])[built, published])
        {
            string assembly = Path.Combine(directory, $"OrleansCdn.{project}.dll");
            if (System.IO.File.Exists(assembly))
            {
                return Start(assembly, [.. arguments, ParentWatch.Flag]);
            }
        }

        throw new CommandFailure(
            ExitCode.Failed,
            $"the program OrleansCdn.{project} is neither in {built} nor in {published}",
            "Build all of it: dotnet build -c Release OrleansCdn.sln");
    }

    /// <summary>This program, with another command.</summary>
    public static ChildCommand Self(params ReadOnlySpan<string> arguments) =>
        Start(Path.Combine(AppContext.BaseDirectory, "cdn.dll"), [.. arguments, ParentWatch.Flag]);

    private static ChildCommand Start(string assembly, ImmutableArray<string> arguments)
    {
        string directory = Path.GetDirectoryName(assembly)!;
        string native = Path.ChangeExtension(assembly, OperatingSystem.IsWindows() ? ".exe" : null);
        if (DotnetHost() is { } dotnet)
        {
            return new ChildCommand(dotnet, [assembly, .. arguments], directory);
        }

        // This process came from its own executable, so the others' executables find their runtime as well.
        return System.IO.File.Exists(native)
            ? new ChildCommand(native, arguments, directory)
            : new ChildCommand("dotnet", [assembly, .. arguments], directory);
    }

    private static string? DotnetHost() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? Environment.ProcessPath
            : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path && System.IO.File.Exists(path) ? path : null;
}
