using System.Diagnostics;

namespace OrleansCdn.EndToEnd.Tests.Running;

/// <summary>Debian's <c>dig</c> as a client.</summary>
internal static class Dig
{
    /// <param name="server">host:port.</param>
    /// <param name="arguments">As a user types them.</param>
    /// <returns>What it prints, without blanks at the end.</returns>
    public static async Task<string> AskAsync(string server, params string[] arguments)
    {
        int colon = server.LastIndexOf(':');
        using Process process = Processes.Start("dig", ["@" + server[..colon], "-p", server[(colon + 1)..], "+norecurse", "+nocookie", "+time=5", "+tries=1", .. arguments]);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Wait.Limit);
        Assert.True(process.ExitCode == 0, $"dig {string.Join(' ', arguments)}: {await output}{await error}");
        return (await output).TrimEnd();
    }
}
