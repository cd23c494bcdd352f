using System.Globalization;
using System.Text;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Edge.Http;

namespace OrleansCdn.Edge.Origin;

/// <summary>
/// Finds the interim responses before the final one in the bytes of an HTTP/1.1 answer, however they are cut. It only
/// listens: the HTTP client reads the same bytes and drops interim responses, so that a mistake here changes no answer.
/// </summary>
public sealed class InterimParser
{
    /// <summary>As much as a whole response header may have; past it this answer is no longer listened to.</summary>
    private const int MaxBytes = 64 * 1024;

    private const int MaxFields = 64;

    private byte[] _buffer = [];
    private int _length;
    private bool _isListening;

    /// <summary>A request was sent: what comes next begins an answer.</summary>
    public void Expect()
    {
        _isListening = true;
        _length = 0;
    }

    /// <summary>Nothing is parsed while no answer is expected.</summary>
    public bool IsListening => _isListening;

    /// <returns>Interim responses that these bytes complete.</returns>
    public IReadOnlyList<InterimResponse> Push(ReadOnlySpan<byte> bytes)
    {
        if (!_isListening || bytes.IsEmpty)
        {
            return [];
        }

        if (_length == 0 && IsFinal(bytes))
        {
            Stop();
            return [];
        }

        // What a header of one piece takes is read at once; more is body, or is read after what it completes.
        List<InterimResponse> found = [];
        while (_isListening && !bytes.IsEmpty)
        {
            int taken = Math.Min(bytes.Length, MaxBytes - _length);
            Append(bytes[..taken]);
            bytes = bytes[taken..];
            ReadAll(found);
        }

        return found;
    }

    private void ReadAll(List<InterimResponse> found)
    {
        int start = 0;
        while (_isListening)
        {
            ReadOnlySpan<byte> rest = _buffer.AsSpan(start, _length - start);
            if (rest.IsEmpty)
            {
                break;
            }

            if (IsFinal(rest))
            {
                Stop();
                break;
            }

            int end = rest.IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                if (rest.Length == MaxBytes)
                {
                    Stop();
                }

                break;
            }

            if (TryParse(rest[..end], out InterimResponse? response))
            {
                found.Add(response);
            }

            start += end + 4;
        }

        if (_isListening)
        {
            _buffer.AsSpan(start, _length - start).CopyTo(_buffer);
            _length -= start;
        }
    }

    /// <summary>Anything but the beginning of <c>HTTP/1.1 1xx</c>; 101 ends HTTP on the connection.</summary>
    private static bool IsFinal(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> start = "HTTP/1.1 1"u8;
        int common = Math.Min(bytes.Length, start.Length);
        return !bytes[..common].SequenceEqual(start[..common]) || bytes.StartsWith("HTTP/1.1 101"u8);
    }

    private static bool TryParse(ReadOnlySpan<byte> head, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out InterimResponse? response)
    {
        response = null;
        string[] lines = Encoding.Latin1.GetString(head).Split("\r\n");
        if (lines.Length > MaxFields || !TryStatus(lines[0], out int status) || status == 100)
        {
            // 100 answers this hop's own Expect (RFC 9110 §10.1.1) and ends here.
            return false;
        }

        var fields = new List<KeyValuePair<string, StringValues>>(lines.Length);
        string connection = string.Join(',', lines.Where(l => l.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase)).Select(l => l[11..]));
        foreach (string line in lines.Skip(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string name = colon < 0 ? "" : line[..colon];
            string value = colon < 0 ? "" : line[(colon + 1)..].Trim(' ', '\t');
            if (!HeaderText.IsToken(name) || !HeaderText.IsAllowed([value]))
            {
                return false;
            }

            if (!HopByHop.IsDroppedFromResponse(name, connection) && !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                fields.Add(new(name, value));
            }
        }

        response = new InterimResponse(status, [.. fields]);
        return true;
    }

    /// <summary>Three digits and a blank, or the end (RFC 9112 §4): the client reads it no other way.</summary>
    private static bool TryStatus(string line, out int status)
    {
        status = 0;
        return line.Length >= 12 && (line.Length == 12 || line[12] == ' ')
            && int.TryParse(line.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out status);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Min(MaxBytes, Math.Max(_length + bytes.Length, 2 * _buffer.Length)));
        }

        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Stop()
    {
        _isListening = false;
        _length = 0;
        _buffer = [];
    }
}
