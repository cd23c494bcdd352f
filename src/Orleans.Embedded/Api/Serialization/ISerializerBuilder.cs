using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Serialization;

/// <summary>What AddSerializer hands to its delegate.</summary>
public interface ISerializerBuilder
{
    IServiceCollection Services { get; }
}
