namespace Orleans.Runtime;

/// <summary>Names of this silo, from the configuration keys <c>Orleans:Name</c> and <c>Orleans:ClusterId</c>.</summary>
public interface ILocalSiloDetails
{
    string Name { get; }

    string ClusterId { get; }

    string DnsHostName { get; }
}
