using System.Globalization;

namespace OrleansCdn.Dns.Geo.Mmdb;

/// <summary>
/// Whether a tree can be walked: no deeper than an address has bits, without circles, and without nodes that are reached so often that a
/// walk would not end in a lifetime. Looks at each node once.
/// </summary>
internal sealed class MmdbTreeCheck(MmdbFile file)
{
    /// <summary>Databases lead to the tree of IPv4 from four places: behind 96 zero bits, mapped (RFC 4291), 6to4, Teredo. Twice that.</summary>
    private const int PathsPerNode = 8;

    private const byte Waiting = byte.MaxValue;

    private readonly int _bits = file.Metadata.IsIpv6 ? 128 : 32;
    private readonly long _mostPaths = PathsPerNode * ((long)file.Metadata.NodeCount + 1);
    private readonly byte[] _heights = new byte[file.Metadata.NodeCount];
    private readonly long[] _paths = new long[file.Metadata.NodeCount];

    /// <returns>What is wrong; null: nothing.</returns>
    public string? Run()
    {
        string? error = null;
        long paths = Visit(0, 0, ref error);
        return error ?? (paths > _mostPaths ? "has a tree whose nodes are led to over and over" : null);
    }

    private long Visit(uint value, int depth, ref string? error)
    {
        if (!file.IsNode(value) || error is not null)
        {
            return 1;
        }

        if (_paths[value] == 0)
        {
            if (_heights[value] == Waiting || depth == _bits)
            {
                error = string.Create(CultureInfo.InvariantCulture, $"has a tree deeper than the {_bits} bits of an address (node {value})");
                return 1;
            }

            _heights[value] = Waiting;
            uint zero = file.Child(value, 0);
            uint one = file.Child(value, 1);
            long paths = Visit(zero, depth + 1, ref error) + Visit(one, depth + 1, ref error);
            _paths[value] = Math.Min(paths, _mostPaths + 1);
            _heights[value] = (byte)(1 + Math.Max(Height(zero), Height(one)));
        }

        if (depth + _heights[value] > _bits)
        {
            error ??= string.Create(CultureInfo.InvariantCulture, $"has a tree deeper than the {_bits} bits of an address (node {value})");
        }

        return _paths[value];
    }

    private int Height(uint value) => file.IsNode(value) ? Math.Min((int)_heights[value], 128) : 0;
}
