namespace Orleans;

/// <summary>Gives references to grains. A grain needs no creation: the first call activates it.</summary>
public interface IGrainFactory
{
    /// <param name="primaryKey">The grain's key, not empty.</param>
    /// <param name="grainClassNamePrefix">Chooses among several classes that implement the interface: the start of the full class name.</param>
    /// <exception cref="ArgumentException">No class, or more than one, implements the interface.</exception>
    /// <exception cref="Serialization.CodecNotFoundException">A payload type of the interface cannot cross a call.</exception>
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey;
}
