using System.Diagnostics;

namespace OrleansCdn.Interop.Tests.Network;

/// <summary>Runs what ends by itself.</summary>
internal static class Shell
{
    /// <summary>The slowest of them takes a tenth of a second.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>A script for <c>sh -e</c>.</summary>
    public static Task<string> RunAsync(string script) => OutputAsync("sh", "-ec", script);

    /// <returns>Standard output.</returns>
    public static async Task<string> OutputAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"not within {Limit.TotalSeconds} s: {program} {string.Join(' ', arguments)}");
        }

        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"exit code {process.ExitCode}: {program} {string.Join(' ', arguments)}\n{await output}{await errors}");
    }
}
