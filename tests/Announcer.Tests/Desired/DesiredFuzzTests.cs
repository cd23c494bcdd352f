using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansCdn.Announcer.Control;
using OrleansCdn.Announcer.Desired;
using OrleansCdn.Announcer.Sessions;
using OrleansCdn.Announcer.Tests.Running;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Node.Disk;
using OrleansCdn.Testing;

namespace OrleansCdn.Announcer.Tests.Desired;

/// <summary>Whatever stands in a file: a state that can be worked with, or words that say why not; never an exception.</summary>
public sealed class DesiredFuzzTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_desired_file_is_a_state_or_says_why_not()
    {
        int usable = 0;
        FuzzInput.Run("desired", (text, _) =>
        {
            (DesiredAnnouncements? desired, ImmutableArray<string> problems) = DesiredFile.Parse(FuzzInput.Octets(text));
            Assert.Equal(desired is null, !problems.IsEmpty);
            Assert.All(problems, p => Assert.DoesNotContain(p, char.IsControl));
            if (desired is not null)
            {
                usable++;
                Use(desired);
            }
        });
        Assert.True(usable > 0, "nothing was usable: the corpus shows nothing");
    }

    [Fact]
    public void A_saved_state_is_one_or_says_why_not()
    {
        using StateDirectory directory = StateDirectory.Open(_directory.Path, DesiredStore.DirectoryName, NullLogger.Instance);
        DesiredStore store = new(directory, "waw", "waw1");
        string[] kept = [.. FuzzInput.Read("desired").Select(text => $$"""{"pop":"waw","edge":"waw1","desired":{{text}}}""")];
        FuzzInput.Run("desired", kept, (text, _) =>
        {
            (DesiredAnnouncements? desired, string? fault) = store.ParsePayload(FuzzInput.Octets(text));
            Assert.Equal(desired is null, fault is not null);
            if (desired is not null)
            {
                Use(desired);
            }

            (DesiredAnnouncements? framed, string? frameFault) = store.Parse(FuzzInput.Octets(text));
            Assert.Equal(framed is null, frameFault is not null);
        });
    }

    /// <summary>All that is done with a state before sockets come into it.</summary>
    private static void Use(DesiredAnnouncements desired)
    {
        var problems = ImmutableArray.CreateBuilder<string>();
        _ = SessionPlan.Of(desired, problems);
        _ = DesiredOrder.Compare(desired, desired);
        Assert.Equal(DesiredVerdict.Same, DesiredOrder.Compare(desired, desired));
        AnnouncerSession session = new("waw1");
        _ = session.Step(new AnnouncerWelcome(AnnouncerProtocol.Version, "s"));
        Assert.NotNull(session.Step(desired).Desired);
    }
}
