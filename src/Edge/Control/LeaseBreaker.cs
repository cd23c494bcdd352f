namespace OrleansCdn.Edge.Control;

/// <summary>
/// Keeps misses from paying for a silo that does not answer: after a broken connection, or a few silent answers in a
/// row, nobody asks for <see cref="Pause"/>; then one request alone tries again.
/// </summary>
/// <param name="ticksPerSecond">Frequency of the timestamps that are handed in.</param>
internal sealed class LeaseBreaker(long ticksPerSecond)
{
    /// <summary>A silo that restarts is back within about a second, and one trial a second costs nothing that counts.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>One late answer is a pause of the collector or a lost packet; three in a row are a silo in trouble.</summary>
    public const int LateAnswersAllowed = 3;

    private readonly Lock _lock = new();
    private readonly long _pause = (long)(Pause.TotalSeconds * ticksPerSecond);
    private int _late;
    private bool _open;
    private long _trialAt;

    /// <summary>Whether this request may ask. While open, one caller per pause gets true.</summary>
    public bool Allows(long now)
    {
        lock (_lock)
        {
            if (!_open)
            {
                return true;
            }

            if (now < _trialAt)
            {
                return false;
            }

            _trialAt = now + _pause;
            return true;
        }
    }

    public void Answered()
    {
        lock (_lock)
        {
            _open = false;
            _late = 0;
        }
    }

    /// <summary>No answer within the time that the silo was given.</summary>
    public void Late(long now)
    {
        lock (_lock)
        {
            _late++;
            if (_open || _late >= LateAnswersAllowed)
            {
                OpenNeedsLock(now);
            }
        }
    }

    /// <summary>No connection, or an answer that makes no sense.</summary>
    public void Broken(long now)
    {
        lock (_lock)
        {
            OpenNeedsLock(now);
        }
    }

    private void OpenNeedsLock(long now)
    {
        _open = true;
        _late = 0;
        _trialAt = now + _pause;
    }
}
