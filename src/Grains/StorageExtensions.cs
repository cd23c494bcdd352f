using Orleans;
using Orleans.Runtime;

namespace OrleansCdn.Grains;

internal static class StorageExtensions
{
    /// <summary>
    /// Writes the state. A write that fails leaves it open whether it is durable, so the activation ends and the next one
    /// reads what is.
    /// </summary>
    public static async Task WriteStateOrReloadAsync<T>(this IPersistentState<T> row, Grain grain)
    {
        try
        {
            await row.WriteStateAsync(CancellationToken.None);
        }
        catch
        {
            grain.DeactivateOnIdle();
            throw;
        }
    }
}
