using System.Collections.Immutable;
using OrleansCdn.Bgp.Transport;
using OrleansCdn.Node.Links;

namespace OrleansCdn.Announcer.Sessions;

/// <summary>A file with a TCP-MD5 password (RFC 2385): its octets, without the line end that an editor leaves.</summary>
internal static class PasswordFile
{
    private const UnixFileMode OthersMayRead = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <exception cref="IOException">It cannot be used; the message says why and how to mend it.</exception>
    public static byte[] Read(string path)
    {
        byte[] octets = new byte[TcpMd5.MaxPasswordLength + 3]; // With a line end of two, and one more to see that it is too long.
        int length;
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            length = file.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"password file '{OneLine.Printable(path)}' cannot be read: {OneLine.Printable(e.Message)}", e);
        }

        ReadOnlySpan<byte> password = octets.AsSpan(0, length);
        password = password.EndsWith("\n"u8) ? password[..^1] : password;
        password = password.EndsWith("\r"u8) ? password[..^1] : password;
        return password.Length switch
        {
            0 => throw new IOException($"password file '{OneLine.Printable(path)}' is empty"),
            > TcpMd5.MaxPasswordLength => throw new IOException(
                $"password file '{OneLine.Printable(path)}' holds more than {TcpMd5.MaxPasswordLength} octets, which is all that the kernel takes"),
            _ => password.ToArray(),
        };
    }

    /// <summary>What an operator has to mend; empty: nothing.</summary>
    public static ImmutableArray<string> Problems(string path)
    {
        try
        {
            _ = Read(path);
            return OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & OthersMayRead) == 0
                ? []
                : [$"password file '{OneLine.Printable(path)}' can be read or written by every user of this server: chmod o= it"];
        }
        catch (IOException e)
        {
            return [e.Message];
        }
    }
}
