namespace Orleans;

/// <summary>The grain factory as code outside grains gets it from the service provider.</summary>
public interface IClusterClient : IGrainFactory
{
    IServiceProvider ServiceProvider { get; }
}
