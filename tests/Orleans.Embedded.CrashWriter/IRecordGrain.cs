namespace Orleans.Embedded.CrashWriter;

/// <summary>Keeps one number.</summary>
public interface IRecordGrain : IGrainWithStringKey
{
    /// <summary>Completes when the number is durable.</summary>
    Task SetAsync(int value);

    /// <summary>Null: nothing was ever stored.</summary>
    Task<int?> GetAsync();
}
