using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrleansCdn.Cli.Lab;

/// <summary>The token that the lab's silo accepts: made at the first start on a data directory, kept beside its hash.</summary>
internal static class LabToken
{
    // 256 bits: as hard to guess as the hash is to invert.
    private const int Bytes = 32;

    /// <summary>The token's text; writes <paramref name="tokensFile"/> for the silo.</summary>
    public static string Ensure(string dataDirectory, string tokensFile)
    {
        string file = Path.Combine(dataDirectory, "token");
        string token = File.Exists(file) ? File.ReadAllText(file).Trim() : "";
        if (token.Length < Bytes)
        {
            token = "lab-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));
            SecretFile.Write(file, token + "\n");
        }

        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        TokenEntry[] entries = [new TokenEntry("lab", hash, ["admin"])];
        SecretFile.Write(tokensFile, JsonSerializer.Serialize(entries, LabJson.Default.TokenEntryArray));
        return token;
    }
}

/// <summary>One line of the silo's tokens file (docs/silo.md).</summary>
internal sealed record TokenEntry(string Name, string Sha256, string[] Scopes);
