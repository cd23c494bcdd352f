namespace OrleansCdn.Node.Links;

public enum FeedState
{
    /// <summary>Runs from a config file; there is no silo.</summary>
    Standalone,

    /// <summary>No silo has welcomed this process yet.</summary>
    Connecting,

    Connected,

    /// <summary>Was connected before; goes on with what it knows.</summary>
    Disconnected,
}

/// <summary>How the feed stands; immutable.</summary>
/// <param name="Silo">With <see cref="FeedState.Connected"/>.</param>
/// <param name="Since">When this state began.</param>
/// <param name="LastEnd">How the last connection or attempt ended.</param>
public sealed record FeedStatus(FeedState State, Uri? Silo, DateTimeOffset Since, FeedEnd? LastEnd);

/// <summary>Where the feed writes how it stands and everybody else reads it.</summary>
public sealed class FeedStatusBoard(FeedStatus first)
{
    private volatile FeedStatus _current = first;

    public FeedStatus Current
    {
        get => _current;
        set => _current = value;
    }
}
