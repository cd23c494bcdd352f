namespace OrleansCdn.Announcer.Health.Probes;

/// <summary>Asks one thing whether it answers.</summary>
internal interface IProbe : IDisposable
{
    ProbeTarget Target { get; }

    /// <summary>Ends by itself, and throws nothing but for <paramref name="cancellationToken"/>. One question at a time.</summary>
    Task<ProbeFinding> AskAsync(CancellationToken cancellationToken);
}

/// <summary>What one question has shown.</summary>
/// <param name="IsOk">It answered as it should.</param>
/// <param name="Evidence">What was seen, for people.</param>
/// <param name="Certificate">What visitors were shown; null: none was.</param>
internal sealed record ProbeFinding(bool IsOk, string Evidence, CertificateFinding? Certificate = null);

/// <param name="IsOk">Visitors take it, and will for a while.</param>
/// <param name="Evidence">Its end, or what is wrong with it.</param>
internal sealed record CertificateFinding(bool IsOk, string Evidence);
