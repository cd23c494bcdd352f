using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Grains.Routing;

/// <summary>What config and intent of one upstream come to.</summary>
internal sealed record CompiledUpstream
{
    public required UpstreamConfig Config { get; init; }

    public required ImmutableArray<DesiredSession> Sessions { get; init; }

    /// <summary>Empty with <see cref="Errors"/>.</summary>
    public required ImmutableArray<DesiredRoute> Routes { get; init; }

    public required ImmutableArray<string> Explanation { get; init; }

    /// <summary>What cannot be expressed, each with the provider's name.</summary>
    public required ImmutableArray<string> Errors { get; init; }

    /// <summary>
    /// The row with this as its desired state, under a new revision when something is different. Routes that cannot be compiled stay
    /// what they were: nothing is withdrawn because of a mistake.
    /// </summary>
    /// <param name="row">As it is.</param>
    /// <param name="observedRevision">The highest that announcers work on: a state that was lost here must not count as older than theirs.</param>
    public UpstreamRow Into(UpstreamRow row, long observedRevision)
    {
        var desired = new DesiredUpstream
        {
            Id = Config.Id,
            Kind = Config.Kind,
            Asn = Config.Asn,
            Revision = row.Revision,
            Sessions = Sessions,
            Routes = Errors.IsEmpty ? Routes : row.Desired?.Routes ?? [],
        };
        if (row.Desired is { } known && AreSame(known, desired))
        {
            return row;
        }

        long revision = Math.Max(row.Revision, observedRevision) + 1;
        return row with { Revision = revision, Desired = desired with { Revision = revision } };
    }

    private static bool AreSame(DesiredUpstream one, DesiredUpstream other) =>
        one.Kind == other.Kind && one.Asn == other.Asn
        && one.Sessions.AsSpan().SequenceEqual(other.Sessions.AsSpan()) && one.Routes.AsSpan().SequenceEqual(other.Routes.AsSpan());
}
