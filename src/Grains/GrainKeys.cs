using System.Globalization;

namespace OrleansCdn.Grains;

public static class GrainKeys
{
    /// <summary>Key of the grains of which the cluster has one.</summary>
    public const string Cluster = "cluster";

    /// <summary>Name of the grain storage that holds everything durable.</summary>
    public const string Storage = "Default";

    /// <summary>Class of the object grains, of which there is one per object that was asked for lately: hosts give it an idle age.</summary>
    public static readonly string ObjectGrainClass = typeof(Object.ObjectGrain).FullName!;

    /// <summary>Key of an upstream's grain: ids of PoPs and upstreams have no slash.</summary>
    public static string Upstream(string pop, string upstream) => $"{pop}/{upstream}";

    internal static string Of(long number) => number.ToString(CultureInfo.InvariantCulture);
}
