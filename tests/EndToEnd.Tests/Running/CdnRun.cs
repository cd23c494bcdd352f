using System.Diagnostics;
using System.Text.Json;

namespace OrleansCdn.EndToEnd.Tests.Running;

/// <summary>One finished run of the <c>cdn</c> program as a process.</summary>
internal sealed record CdnRun(int ExitCode, string Out, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    public static async Task<CdnRun> OfAsync(params string[] args)
    {
        using Process process = Processes.Start(Built.Dotnet, [Built.Cdn, .. args]);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Wait.Limit);
        return new CdnRun(process.ExitCode, await output, await error);
    }

    public CdnRun Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode} instead of {exitCode}\n{Out}\n{Error}");
        return this;
    }
}
