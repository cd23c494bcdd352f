using System.Buffers;
using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Tests.Control;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Fuzz;

/// <summary>A damaged feed is a closed connection with a reason, never an exception, and never half a message in force.</summary>
public sealed class FeedFuzzTests
{
    private const int MaxLineBytes = 300;

    private static readonly string[] Messages =
    [
        .. FuzzInput.Read("feed"),
        JsonSerializer.Serialize<SiloMessage>(
            new ConfigSnapshot { Epoch = "e1", Version = 3, Config = Configs.One() }, ContractsJson.Default.SiloMessage),
    ];

    [Fact]
    public async Task Lines_are_the_bytes_between_line_ends_however_they_arrive() => await FuzzInput.RunAsync("feed", async (text, random) =>
    {
        byte[] bytes = FuzzInput.Octets(text);
        await using var reader = new LineReader(new CutStream(bytes, random), MaxLineBytes);
        string[] expected = text.Split('\n')[..^1];
        foreach (string line in expected)
        {
            LineRead read = await reader.ReadAsync(CancellationToken.None);
            if (line.Length > MaxLineBytes)
            {
                Assert.Equal(LineRead.TooLong, read);
                return;
            }

            Assert.Equal(LineRead.Line, read);
            Assert.Equal(line, FuzzInput.Text(reader.Line.ToArray()));
        }

        Assert.Equal(text.Split('\n')[^1].Length > MaxLineBytes ? LineRead.TooLong : LineRead.End, await reader.ReadAsync(CancellationToken.None));
    }, share: 2);

    [Fact]
    public void A_line_is_a_message_or_says_why_not() => FuzzInput.Run("feed", Messages, (text, _) =>
    {
        if (TryParse(FuzzInput.Octets(text)) is { } message)
        {
            byte[] printed = JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Default.SiloMessage);
            Assert.NotNull(TryParse(printed));
            Assert.Equal(printed, JsonSerializer.SerializeToUtf8Bytes(TryParse(printed)!, ContractsJson.Default.SiloMessage));
        }
    });

    [Fact]
    public void A_session_takes_any_lines_in_any_order() => FuzzInput.Run("feed", Messages, (text, random) =>
    {
        var purges = new PurgeIndex();
        purges.ApplyGap(new PurgeCursor("log", 10));
        var session = new FeedSession("waw", "waw1", random.Next(2) == 0 ? null : Configs.Snapshot(2), purges.Cursor);
        string[] lines = [Messages.First(m => m.Contains("welcome", StringComparison.Ordinal)), .. text.Split('\n'), FuzzInput.Damage(Messages, random), Messages[random.Next(Messages.Length)]];
        foreach (string line in lines)
        {
            if (TryParse(FuzzInput.Octets(line)) is not { } message)
            {
                continue;
            }

            FeedStep step = session.Step(message);
            Assert.Equal(step.Action == FeedAction.End, step.End is not null);
            Assert.Equal(step.Action == FeedAction.ApplyConfig, step.Snapshot is not null);
            Assert.DoesNotContain(step.End?.Detail ?? step.Remark ?? "", char.IsControl);
            switch (step.Action)
            {
                case FeedAction.ApplyPurges:
                    Assert.Equal(purges.Cursor.Epoch, step.Purges!.Through.Epoch);
                    Assert.True(step.Purges.Through.Sequence >= purges.Cursor.Sequence);
                    purges.Apply(step.Purges.Through, step.Purges.Entries.AsSpan());
                    Assert.Equal(step.Purges.Through, purges.Cursor);
                    break;
                case FeedAction.ApplyGap:
                    purges.ApplyGap(step.Through);
                    break;
                case FeedAction.ApplyConfig:
                    // A host of the config has a site, so that it can be served from.
                    Assert.All(step.Snapshot!.Config.Sites, site => Assert.NotNull(step.Snapshot.FindSite(site.Hosts[0].Replace("*", "a", StringComparison.Ordinal))));
                    break;
                case FeedAction.End:
                    return;
                default:
                    break;
            }
        }
    });

    /// <summary>Null: it was refused in the way that readers expect.</summary>
    private static SiloMessage? TryParse(byte[] line)
    {
        try
        {
            return LineMessage.Parse(new ReadOnlySequence<byte>(line), ContractsJson.Default.SiloMessage);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Gives a few bytes at a time.</summary>
    private sealed class CutStream(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 1 + random.Next(64))], cancellationToken);
    }
}
