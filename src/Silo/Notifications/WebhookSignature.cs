using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansCdn.Silo.Notifications;

/// <summary>The signature of the Standard Webhooks specification, version 1.0.0: <c>v1</c>, HMAC-SHA256 over id, time and body.</summary>
internal static class WebhookSignature
{
    public const string IdField = "webhook-id";
    public const string TimestampField = "webhook-timestamp";
    public const string SignatureField = "webhook-signature";

    /// <summary>The new one, and the old one while receivers change over.</summary>
    public const int MaxSecrets = 2;

    private const string Prefix = "whsec_";
    private const string Example = "echo whsec_$(openssl rand -base64 32)";

    /// <summary>192 to 512 bits, as the specification wants it.</summary>
    private const int MinSecretBytes = 24;
    private const int MaxSecretBytes = 64;

    /// <exception cref="IOException">They cannot be used; the message says why and how to mend it.</exception>
    public static ImmutableArray<byte[]> ReadSecrets(string path)
    {
        string[] lines = SecretText.Read(path);
        return lines.Length > MaxSecrets
            ? throw new IOException($"file '{path}' has {lines.Length} lines; a secret, and perhaps the former one below it, are allowed")
            : [.. lines.Select((line, i) => Parse(line) ?? throw new IOException(
                $"file '{path}', line {i + 1}: no secret; write {Prefix} and {MinSecretBytes} to {MaxSecretBytes} bytes as base64, such as {Example} makes"))];
    }

    /// <summary>One for each secret, with spaces between them.</summary>
    public static string Of(ImmutableArray<byte[]> secrets, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")), .. body];
        return string.Join(' ', secrets.Select(secret => "v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, signed))));
    }

    private static byte[]? Parse(string line)
    {
        byte[] secret = new byte[MaxSecretBytes];
        return line.StartsWith(Prefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(line[Prefix.Length..], secret, out int length) && length >= MinSecretBytes
            ? secret[..length]
            : null;
    }
}
