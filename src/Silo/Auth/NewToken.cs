using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrleansCdn.Silo.Auth;

/// <summary>Makes a token: 256 random bits, so that nobody needs to slow guesses down.</summary>
internal static class NewToken
{
    private const string Prefix = "cdn_";
    private const int RandomBytes = 32;

    /// <summary>Writes the token to standard error, where it is not kept by accident, and its entry to standard output.</summary>
    /// <returns>The exit code: 0, or 2 for a mistake in the arguments.</returns>
    public static int Print(string name, string? scopes, TextWriter output, TextWriter error)
    {
        string[] parts = (scopes ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length == 0 || parts.Any(part => TokenFile.ParseScope(part) is null))
        {
            error.WriteLine($"--scopes {scopes}: give one or more of admin, purge, prewarm, route, drain and read, for example --scopes purge,read");
            return 2;
        }

        (string token, TokenRow row) = Make(name, parts);
        error.WriteLine($"Token (shown only now): {token}");
        error.WriteLine("Its entry for the tokens file:");
        output.WriteLine(JsonSerializer.Serialize(row, TokenFileJson.Default.TokenRow));
        return 0;
    }

    public static (string Token, TokenRow Row) Make(string name, string[] scopes)
    {
        string token = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        return (token, new TokenRow { Name = name, Sha256 = hash, Scopes = scopes });
    }
}
