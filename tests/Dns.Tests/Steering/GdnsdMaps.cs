using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using OrleansCdn.Dns.Steering;

namespace OrleansCdn.Dns.Tests.Steering;

/// <summary>gdnsd's geoip maps, asked through <c>gdnsd_geoip_test</c>: the same databases and choices, by other people's code.</summary>
internal static class GdnsdMaps
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <param name="directory">An empty one, for config and database.</param>
    /// <param name="maps">The contents of its <c>maps</c>.</param>
    /// <param name="database">Named <c>test.mmdb</c> in the maps.</param>
    /// <param name="map">Which of the maps is asked.</param>
    /// <param name="addresses">In that order.</param>
    public static async Task<ImmutableArray<GdnsdAnswer>> AskAsync(
        string directory, string maps, byte[] database, string map, IReadOnlyList<IPAddress> addresses)
    {
        Directory.CreateDirectory(Path.Combine(directory, "geoip"));
        await File.WriteAllBytesAsync(Path.Combine(directory, "geoip", "test.mmdb"), database);
        await File.WriteAllTextAsync(Path.Combine(directory, "config"), $"plugins => {{ geoip => {{ maps => {{\n{maps}\n}}, resources => {{ }} }} }}\n");
        using var process = Process.Start(new ProcessStartInfo("gdnsd_geoip_test", ["-c", directory])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var limit = new CancellationTokenSource(Limit);
        await using CancellationTokenRegistration kill = limit.Token.Register(() => process.Kill());
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        var questions = new StringBuilder();
        foreach (IPAddress address in addresses)
        {
            questions.Append(CultureInfo.InvariantCulture, $"{map} {address}\n");
        }

        try
        {
            await process.StandardInput.WriteAsync(questions);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            Assert.Fail("gdnsd_geoip_test has ended:\n" + await errors);
        }

        string[] lines = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync();
        Assert.True(lines.Length == addresses.Count, $"gdnsd_geoip_test gave {lines.Length} answers to {addresses.Count} questions:\n{await errors}");
        return [.. lines.Select((line, i) => GdnsdAnswer.Parse(line, map, addresses[i]))];
    }

    public static string List(IEnumerable<string> pops) => $"[{string.Join(", ", pops)}]";
}

/// <param name="Scope">In bits of the address's own family.</param>
/// <param name="Pops">The best first.</param>
internal sealed record GdnsdAnswer(int Scope, ImmutableArray<string> Pops)
{
    /// <summary><c>MAP => ADDRESS/SCOPE => waw, lax</c>.</summary>
    public static GdnsdAnswer Parse(string line, string map, IPAddress address)
    {
        string[] parts = line.Split(" => ");
        int slash = parts.Length == 3 ? parts[1].LastIndexOf('/') : -1;
        Assert.True(slash > 0 && parts[0] == map && IPAddress.Parse(parts[1][..slash]).Equals(address), $"'{line}' is no answer to {address}");
        return new GdnsdAnswer(int.Parse(parts[1][(slash + 1)..], CultureInfo.InvariantCulture), [.. parts[2].Split(", ")]);
    }
}
