namespace OrleansCdn.Dns.Steering;

/// <summary>What a PoP's load (percent of what it can do) means for those who are sent there.</summary>
public static class PopLoad
{
    /// <summary>Up to here a PoP takes everybody: what is left is for a neighbour that fails.</summary>
    public const int Comfortable = 70;

    /// <summary>A full PoP (30 above) looks as much farther away as the other side of a continent is.</summary>
    public const double PenaltyMillisecondsPerPercent = 2;

    /// <summary>Loads are rounded up to it, so that tables are compiled anew when something has changed and not for every percent.</summary>
    public const int Step = 5;

    /// <summary>Parts that clients are divided into by their hash.</summary>
    public const int Parts = 256;

    /// <summary>Twice what a PoP can do: a report of more is one of those.</summary>
    private const int Most = 200;

    /// <summary>What a table is compiled with.</summary>
    public static int Rounded(int percent) => Math.Clamp((percent + Step - 1) / Step * Step, 0, Most);

    internal static double Penalty(int percent) => Math.Max(0, percent - Comfortable) * PenaltyMillisecondsPerPercent;

    /// <summary>How many parts are sent elsewhere, so that the rest is a comfortable load.</summary>
    internal static int ShedParts(int percent) => percent <= Comfortable ? 0 : (percent - Comfortable) * Parts / percent;
}
