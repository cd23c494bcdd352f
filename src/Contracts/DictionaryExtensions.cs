namespace OrleansCdn.Contracts;

public static class DictionaryExtensions
{
    /// <summary>Forgets whatever is not among these, as a config does that replaces the one before.</summary>
    public static void KeepOnly<TKey, TValue>(this Dictionary<TKey, TValue> held, IEnumerable<TKey> keys)
        where TKey : notnull
    {
        foreach (TKey gone in held.Keys.Except(keys).ToList())
        {
            held.Remove(gone);
        }
    }
}
