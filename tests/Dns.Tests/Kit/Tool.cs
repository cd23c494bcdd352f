using System.Diagnostics;

namespace OrleansCdn.Dns.Tests.Kit;

/// <summary>A DNS client of Debian's, run to its end. One that is missing fails the test.</summary>
internal static class Tool
{
    /// <summary>The slowest of them waits a few seconds for an answer that does not come.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <returns>Standard output, whatever the exit code.</returns>
    public static async Task<string> OutputAsync(string program, params IEnumerable<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            string output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return output;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"not within {Limit.TotalSeconds} s: {program} {string.Join(' ', arguments)}");
        }
    }
}
