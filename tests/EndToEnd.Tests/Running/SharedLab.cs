namespace OrleansCdn.EndToEnd.Tests.Running;

/// <summary>One lab for the scenarios that leave it as it was.</summary>
public sealed class SharedLab : IAsyncLifetime
{
    internal RunningLab Lab { get; private set; } = null!;

    public async Task InitializeAsync() => Lab = await RunningLab.StartAsync();

    public async Task DisposeAsync() => await Lab.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class SharedLabCollection : ICollectionFixture<SharedLab>
{
    public const string Name = "shared lab";
}
