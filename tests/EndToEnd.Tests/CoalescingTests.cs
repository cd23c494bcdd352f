using System.Net;
using OrleansCdn.EndToEnd.Tests.Running;
using Xunit.Abstractions;

namespace OrleansCdn.EndToEnd.Tests;

[Collection(SharedLabCollection.Name)]
public sealed class CoalescingTests(SharedLab shared, ITestOutputHelper output)
{
    private const int PerPop = 100;
    private const int Size = 1024 * 1024;

    [Fact]
    public Task Pop_scope_asks_the_origin_at_most_once_per_pop() => shared.Lab.RunAsync(output, async () =>
    {
        await AskEverywhereAtOnceAsync(TestNetwork.PopHost, "/assets/1048576.bin");
        Assert.InRange(await shared.Lab.OriginCountAsync("/assets/1048576.bin"), 1, TestNetwork.Pops.Length);
    });

    [Fact]
    public Task Cluster_scope_asks_the_origin_exactly_once() => shared.Lab.RunAsync(output, async () =>
    {
        await AskEverywhereAtOnceAsync(TestNetwork.ClusterHost, "/assets/1024k.bin");
        Assert.Equal(1, await shared.Lab.OriginCountAsync("/assets/1024k.bin"));
    });

    [Fact]
    public Task A_shield_alone_asks_the_origin() => shared.Lab.RunAsync(output, async () =>
    {
        await AskEverywhereAtOnceAsync(TestNetwork.ShieldHost, "/large/1024k.bin");
        Assert.Equal(1, await shared.Lab.OriginCountAsync("/large/1024k.bin"));
    });

    [Fact]
    public Task Requests_join_a_fill_that_has_not_said_anything_yet() => shared.Lab.RunAsync(output, async () =>
    {
        string[] answers = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(_ => shared.Lab.TextAsync("lax", TestNetwork.PopHost, "/slow?ms=700")));
        Assert.All(answers, a => Assert.Equal("after 700 ms\n", a));
        Assert.Equal(1, await shared.Lab.OriginCountAsync("/slow"));
    });

    private async Task AskEverywhereAtOnceAsync(string host, string path)
    {
        Assert.Equal(0, await shared.Lab.OriginCountAsync(path));
        await Task.WhenAll(
            from pop in TestNetwork.Pops
            from _ in Enumerable.Range(0, PerPop)
            select AskAsync(pop, host, path));
    }

    private async Task AskAsync(string pop, string host, string path)
    {
        using HttpResponseMessage answer = await shared.Lab.GetAsync(pop, host, path, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await new Content(path).CheckToEndAsync(await answer.Content.ReadAsStreamAsync(), Size);
    }
}
