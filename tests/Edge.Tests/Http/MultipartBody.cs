using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>Reads <c>multipart/byteranges</c> (RFC 9110 §14.6) without anything of the edge's own code.</summary>
internal static class MultipartBody
{
    public static List<(long First, long Last, long Total, byte[] Bytes)> Read(HttpContentHeaders headers, byte[] body)
    {
        Assert.Equal("multipart/byteranges", headers.ContentType!.MediaType);
        string boundary = headers.ContentType.Parameters.Single(p => p.Name == "boundary").Value!;
        Assert.Equal(headers.ContentLength, body.Length);
        var parts = new List<(long, long, long, byte[])>();
        byte[] begin = Encoding.Latin1.GetBytes($"\r\n--{boundary}\r\n");
        byte[] end = Encoding.Latin1.GetBytes($"\r\n--{boundary}--\r\n");
        ReadOnlySpan<byte> rest = body;
        while (rest.StartsWith(begin))
        {
            rest = rest[begin.Length..];
            int blank = rest.IndexOf("\r\n\r\n"u8);
            string[] lines = Encoding.Latin1.GetString(rest[..blank]).Split("\r\n");
            string range = lines.Single(l => l.StartsWith("Content-Range: bytes ", StringComparison.Ordinal))["Content-Range: bytes ".Length..];
            long[] numbers = [.. range.Split('-', '/').Select(n => long.Parse(n, CultureInfo.InvariantCulture))];
            int length = (int)(numbers[1] - numbers[0] + 1);
            parts.Add((numbers[0], numbers[1], numbers[2], rest.Slice(blank + 4, length).ToArray()));
            rest = rest[(blank + 4 + length)..];
        }

        Assert.True(rest.SequenceEqual(end), "the last boundary is missing");
        return parts;
    }
}
