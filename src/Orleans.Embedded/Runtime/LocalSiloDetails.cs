using Microsoft.Extensions.Configuration;
using Orleans.Runtime;

namespace Orleans.Embedded;

/// <inheritdoc/>
internal sealed class LocalSiloDetails(IConfiguration configuration) : ILocalSiloDetails
{
    public string Name { get; } = configuration["Orleans:Name"] ?? "embedded";

    public string ClusterId { get; } = configuration["Orleans:ClusterId"] ?? "default";

    public string DnsHostName { get; } = Environment.MachineName;
}
