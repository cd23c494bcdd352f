namespace Orleans.Embedded;

/// <summary>A token that is cancelled, in a turn of the activation, once a time is over; disposing of this ends the watch.</summary>
internal sealed class TurnLimit : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly ITimer _timer;

    public TurnLimit(Activation activation, TimeSpan limit)
    {
        _timer = activation.Silo.NewTimer(_ => activation.Post(_source.Cancel), null, limit);
    }

    public CancellationToken Token => _source.Token;

    public void Dispose() => _timer.Dispose();
}
