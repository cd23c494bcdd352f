namespace Orleans.Embedded.Tests;

public interface ILocalsGrain : IGrainWithStringKey
{
    Task<string?> ReadThenSetAsync(string value);
}

public sealed class LocalsGrain : Grain, ILocalsGrain
{
    internal static readonly AsyncLocal<string?> Local = new();

    public Task<string?> ReadThenSetAsync(string value)
    {
        string? seen = Local.Value;
        Local.Value = value;
        return Task.FromResult(seen);
    }
}
