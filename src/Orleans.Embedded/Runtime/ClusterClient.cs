namespace Orleans.Embedded;

/// <summary>Gives grain references, inside grains and outside.</summary>
internal sealed class ClusterClient(SiloCore silo) : IClusterClient
{
    public IServiceProvider ServiceProvider => silo.Services;

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrEmpty(primaryKey);
        GrainClass grainClass = silo.Catalog.ClassOf(typeof(TGrainInterface), grainClassNamePrefix);
        GrainTarget target = new(new(grainClass.Name, primaryKey), grainClass);
        return (TGrainInterface)GrainProxy.Create(silo, silo.Catalog.Interface(typeof(TGrainInterface)), target);
    }
}
