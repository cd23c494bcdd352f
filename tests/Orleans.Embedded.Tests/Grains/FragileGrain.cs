namespace Orleans.Embedded.Tests;

public interface IFragileGrain : IGrainWithStringKey
{
    Task<string> AnswerAsync();
}

/// <summary>Its first activation fails, after a gate.</summary>
public sealed class FragileGrain(Witness witness) : Grain, IFragileGrain
{
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        witness.Note("tries to activate");
        if (witness.Count("tries to activate") > 1)
            return;
        await witness.Gate("fragile");
        throw new DomainException("not yet", 3);
    }

    public Task<string> AnswerAsync() => Task.FromResult("well");
}

public interface IPinnedGrain : IGrainWithStringKey
{
    Task<Guid> InstanceAsync();
}

[KeepAlive]
public sealed class PinnedGrain : Grain, IPinnedGrain
{
    private readonly Guid _instance = Guid.NewGuid();

    public Task<Guid> InstanceAsync() => Task.FromResult(_instance);
}
