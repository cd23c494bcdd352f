using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace OrleansCdn.Bgp.Transport;

/// <summary>Linux' <c>struct tcp_md5sig</c> (<c>linux/tcp.h</c>), the value of the option TCP_MD5SIG for RFC 2385.</summary>
public static class TcpMd5
{
    /// <summary><c>TCP_MD5SIG_MAXKEYLEN</c>.</summary>
    public const int MaxPasswordLength = 80;

    /// <summary><c>sockaddr_storage</c> (128), flags (1), prefix length (1), key length (2), interface (4), key (80).</summary>
    internal const int OptionLength = 216;

    private const int AddressLength = 128;
    private const int KeyLengthOffset = AddressLength + 2;
    private const int KeyOffset = AddressLength + 8;

    internal static byte[] Option(IPAddress neighbor, ReadOnlySpan<byte> password)
    {
        if (password.Length > MaxPasswordLength)
        {
            throw new ArgumentException($"a TCP-MD5 password has at most {MaxPasswordLength} octets", nameof(password));
        }

        byte[] option = new byte[OptionLength];
        SocketAddress address = new IPEndPoint(neighbor, 0).Serialize();
        address.Buffer.Span[..address.Size].CopyTo(option);
        ushort length = (ushort)password.Length;
        MemoryMarshal.Write(option.AsSpan(KeyLengthOffset), in length); // In the machine's own order, as all of the structure but the address.
        password.CopyTo(option.AsSpan(KeyOffset));
        return option;
    }
}
