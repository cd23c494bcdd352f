using System.Text;
using OrleansCdn.Announcer.Health;
using OrleansCdn.Announcer.Tests.Running;

namespace OrleansCdn.Announcer.Tests.Health;

/// <summary>The edge's word about itself, as octets of an edge and of everything else.</summary>
public sealed class EdgeAdminTests
{
    private const string Golden =
        "{\"pop\":\"waw\",\"edge\":\"waw1\",\"addresses\":{\"http\":\"0.0.0.0:80\"},\"connections\":7,\"reach\":{\"answering\":[\"lax1\"],\"silent\":[\"grr1\"]},"
        + "\"checks\":[{\"check\":\"disk\",\"isOk\":false,\"evidence\":\"full\"}],\"ofALaterRelease\":[1]}";

    [Fact]
    public async Task What_an_edge_says_is_read()
    {
        LocalAnswer answer = await AskAsync("200 OK", Golden, path => Assert.Equal("/local", path));
        Assert.Equal(("0.0.0.0:80", 7, "disk", false, "full"),
            (answer.Local!.Addresses.Http, answer.Local.Connections, answer.Local.Checks[0].Check, answer.Local.Checks[0].IsOk, answer.Local.Checks[0].Evidence));
        Assert.Equal(("lax1", "grr1"), (Assert.Single(answer.Local.Reach!.Answering), Assert.Single(answer.Local.Reach.Silent)));
        Assert.EndsWith("/local answers", answer.Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("404 Not Found", "There are /health, /status and /metrics.", "status 404: is that the admin address of an edge of this release?")]
    [InlineData("200 OK", "<html>", "no answer of an edge: ")]
    [InlineData("200 OK", "null", "no answer of an edge")]
    [InlineData("200 OK", "{}", "no answer of an edge: ")]
    [InlineData("200 OK", "{\"pop\":\"waw\",\"edge\":\"waw1\",\"addresses\":null,\"connections\":1}", "no answer of an edge: ")]
    [InlineData("200 OK", "{\"pop\":\"lax\",\"edge\":\"lax1\",\"addresses\":{},\"connections\":1}", "that is lax/lax1, not waw/waw1: give the admin address")]
    public async Task Anything_else_is_told_as_it_is(string status, string body, string evidence)
    {
        LocalAnswer answer = await AskAsync(status, body);
        Assert.Null(answer.Local);
        Assert.Contains("/local: " + evidence, answer.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_kept_within_bounds()
    {
        string checks = string.Join(',', Enumerable.Range(0, 100).Select(i => $"{{\"check\":\"c{i}\",\"isOk\":true,\"evidence\":\"{new string('x', 2000)}\\u001b\"}}"));
        string names = string.Join(',', Enumerable.Range(0, 1000).Select(i => $"\"e{i}\"").Prepend("\"a b\"").Prepend("null").Prepend("\"\""));
        LocalAnswer answer = await AskAsync(
            "200 OK",
            $"{{\"pop\":\"waw\",\"edge\":\"waw1\",\"addresses\":{{}},\"connections\":9223372036854775807,\"reach\":{{\"silent\":[{names}]}},\"checks\":[null,{{\"check\":\"a b\",\"isOk\":true,\"evidence\":\"\"}},{checks}]}}");
        Assert.Equal(int.MaxValue, answer.Local!.Connections);
        Assert.Equal(256, answer.Local.Reach!.Silent.Length);
        Assert.Equal("e0", answer.Local.Reach.Silent[0]);
        Assert.Equal(16, answer.Local.Checks.Length);
        Assert.All(answer.Local.Checks, check => Assert.InRange(check.Evidence.Length, 0, 300));

        LocalAnswer tooLong = await AskAsync("200 OK", Golden + new string(' ', 300_000));
        Assert.Contains("more than 262144 bytes", tooLong.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_silence_ends_by_itself()
    {
        using var mute = OrleansCdn.Testing.RawBgpPeer.Listen();
        using EdgeAdmin admin = new(new Uri($"http://{mute.LocalEndPoint}"), "waw", "waw1", TimeProvider.System);
        Assert.EndsWith("/local: no answer within 2 s", (await admin.AskAsync(CancellationToken.None)).Evidence, StringComparison.Ordinal);
        mute.Dispose();
        Assert.Contains("refused", (await admin.AskAsync(CancellationToken.None)).Evidence, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<LocalAnswer> AskAsync(string status, string body, Action<string>? path = null)
    {
        using ScriptedServer server = new((stream, head) =>
        {
            path?.Invoke(head.Split(' ')[1]);
            return stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}")).AsTask();
        });
        using EdgeAdmin admin = new(new Uri($"http://{server.At}"), "waw", "waw1", TimeProvider.System);
        return await admin.AskAsync(CancellationToken.None);
    }
}
