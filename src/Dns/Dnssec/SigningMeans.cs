namespace OrleansCdn.Dns.Dnssec;

/// <summary>What all signed zones of a nameserver share, for the life of the process: remembered signatures outlive configs, the budget is that of the machine.</summary>
public sealed class SigningMeans(TimeProvider time, int signaturesPerSecond = SigningBudget.DefaultPerSecond)
{
    /// <summary>
    /// All sets of records of some thousand names, or the steered answers of as many: a few orders of PoPs each. About 12 MiB when full.
    /// </summary>
    private const int Answers = 65_536;

    /// <summary>Names that do not exist are an attacker's choice, so that more than what is asked again within seconds gains nothing. About 3 MiB when full.</summary>
    private const int Denials = 16_384;

    private readonly SignatureCache _answers = new(Answers);
    private readonly SignatureCache _denials = new(Denials);
    private long _made;
    private long _shed;

    internal SigningBudget Budget { get; } = new(signaturesPerSecond, time);

    /// <summary>Signatures of one key at a time: one a core, since more of them would only take turns.</summary>
    internal static int MaxConcurrency => Environment.ProcessorCount;

    /// <summary>Signatures that were made.</summary>
    public long Made => Interlocked.Read(ref _made);

    /// <summary>Signatures that were not made, because too many were wanted.</summary>
    public long Shed => Interlocked.Read(ref _shed);

    internal SignatureCache Cache(bool isDenial) => isDenial ? _denials : _answers;

    internal void CountMade() => Interlocked.Increment(ref _made);

    internal void CountShed() => Interlocked.Increment(ref _shed);
}
