using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using OrleansCdn.Edge.Control;

namespace OrleansCdn.Edge.Tests.Control;

public sealed class LineReaderTests
{
    private const string Text = "first\n\nthird line\nrest without end";

    /// <summary>Every way to cut the bytes in two gives the same lines.</summary>
    [Fact]
    public async Task Lines_do_not_depend_on_how_the_bytes_arrive()
    {
        byte[] bytes = Encoding.ASCII.GetBytes(Text);
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            Pipe pipe = new();
            await using LineReader reader = new(pipe.Reader.AsStream(), 100);
            await pipe.Writer.WriteAsync(bytes.AsMemory(0, cut));
            Task<List<string>> reading = ReadAllAsync(reader);
            await pipe.Writer.WriteAsync(bytes.AsMemory(cut));
            await pipe.Writer.CompleteAsync();
            Assert.Equal(["first", "", "third line"], await reading);
        }
    }

    [Theory]
    [InlineData(10, 10, LineRead.Line)]
    [InlineData(11, 10, LineRead.TooLong)]
    [InlineData(40_000, 40_000, LineRead.Line)]
    [InlineData(40_001, 40_000, LineRead.TooLong)]
    public async Task A_line_may_be_as_long_as_allowed_and_no_longer(int length, int limit, object expected)
    {
        await using LineReader reader = new(new MemoryStream(Encoding.ASCII.GetBytes(new string('x', length) + "\nnext\n")), limit);
        Assert.Equal((LineRead)expected, await reader.ReadAsync(CancellationToken.None));
        if ((LineRead)expected == LineRead.Line)
        {
            Assert.Equal(length, reader.Line.Length);
            Assert.Equal(LineRead.Line, await reader.ReadAsync(CancellationToken.None));
            Assert.Equal("next", Encoding.ASCII.GetString(reader.Line.ToArray()));
        }
    }

    [Fact]
    public async Task A_line_without_end_is_too_long_before_its_end_comes()
    {
        Pipe pipe = new();
        await using LineReader reader = new(pipe.Reader.AsStream(), 10);
        await pipe.Writer.WriteAsync("12345678901"u8.ToArray());
        Assert.Equal(LineRead.TooLong, await reader.ReadAsync(CancellationToken.None));
    }

    private static async Task<List<string>> ReadAllAsync(LineReader reader)
    {
        List<string> lines = [];
        while (await reader.ReadAsync(CancellationToken.None) == LineRead.Line)
        {
            lines.Add(Encoding.ASCII.GetString(reader.Line.ToArray()));
        }

        return lines;
    }
}
