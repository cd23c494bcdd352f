namespace OrleansCdn.Internet.Graph;

/// <summary>How much a graph may have.</summary>
public static class GraphLimits
{
    /// <summary>Three times the networks that announce something (some 80,000 in 2025).</summary>
    public const int Networks = 250_000;

    /// <summary>Four times the links of CAIDA's larger graph (some 500,000).</summary>
    public const int Links = 2_000_000;

    /// <summary>As many lines as links in their longest form, and as many comments.</summary>
    public const long FileBytes = 256L << 20;

    /// <summary>A link has under 40 characters; a comment line of CAIDA's serial-1 lists its sources and has some thousands.</summary>
    public const int LineBytes = 64 * 1024;

    /// <summary>Towns of a graph that people write: the largest networks are present in some hundred.</summary>
    public const int Places = 500;

    /// <summary>Networks with places, which people write.</summary>
    public const int WrittenNetworks = 2_000;

    /// <summary>Neighbours of one kind, which people write.</summary>
    public const int WrittenNeighbors = 500;
}
