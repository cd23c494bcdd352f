namespace OrleansCdn.Bgp.Tests.Wire;

/// <summary>Octets as they are written in RFCs and captures: spaces and line ends mean nothing.</summary>
internal static class Hex
{
    public const string Marker = "ffffffff ffffffff ffffffff ffffffff";

    public static byte[] Octets(string text) => Convert.FromHexString(string.Concat(text.Where(c => !char.IsWhiteSpace(c))));

    public static string Text(ReadOnlySpan<byte> octets) => Convert.ToHexStringLower(octets);
}
