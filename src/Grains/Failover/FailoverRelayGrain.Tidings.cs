using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Grains.Events;

namespace OrleansCdn.Grains.Failover;

/// <summary>What follows from the own announcers' words for others than announcers: the time line, and the decision which PoPs DNS chooses.</summary>
internal sealed partial class FailoverRelayGrain
{
    /// <summary>That decision is made every second.</summary>
    private static readonly TimeSpan SightPatience = TimeSpan.FromSeconds(1);

    private AnnouncersSighting? _sighted;
    private bool _isTelling;

    private void Note(string server, ImmutableArray<FailoverNote> notes)
    {
        (int taken, int leftOut) = _listeners[server].Notes.Take(notes.Length, _clock.Now);
        if (leftOut > 0)
        {
            _events.Tell(Happenings.FailoverNotesLeftOut(_pop, server, leftOut));
        }

        foreach (FailoverNote note in notes.Take(taken))
        {
            _events.Tell(Happenings.FailedOver(_pop, server, note, _time.GetUtcNow()));
        }
    }

    /// <summary>Tells how the own announcers stand, for the decision which PoPs DNS chooses: at once when that changes. Does not throw.</summary>
    private async Task TellSightAsync(bool always)
    {
        AnnouncersSighting sighting = new(_pop, [.. _board.Announcers.Select(server => AnnouncerSights.Of(server, _board.ViewOf(server), _clock.Now))]);
        if (_isTelling || (!always && _sighted is { } told && told.Servers.AsSpan().SequenceEqual(sighting.Servers.AsSpan())))
        {
            return;
        }

        _isTelling = true;
        try
        {
            await GrainFactory.GetGrain<IEligibilityGrain>(GrainKeys.Cluster).SeeAnnouncersAsync(sighting, CancellationToken.None).WaitAsync(SightPatience, _time);
            _sighted = sighting;
        }
        catch (Exception error)
        {
            // Told again with the next word.
            LogNotSighted(_pop, error);
        }
        finally
        {
            _isTelling = false;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "How the announcers of PoP {Pop} stand could not be told for the decision which PoPs DNS chooses; it is told again")]
    private partial void LogNotSighted(string pop, Exception error);
}
