using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Tests.Origin;

public sealed class RequestBodyTests
{
    [Fact]
    public async Task A_body_is_sent_on_once()
    {
        var body = new RequestBody(new MemoryStream([1, 2, 3]), 3);
        Assert.False(body.HasStarted);
        using var first = new MemoryStream();
        await body.NewContent().CopyToAsync(first);
        Assert.Equal([1, 2, 3], first.ToArray());
        Assert.True(body.HasStarted);
        Assert.True(body.IsSent);
        Exception? refused = await Record.ExceptionAsync(() => body.NewContent().CopyToAsync(new MemoryStream()));
        Assert.True(refused is IOException or HttpRequestException { InnerException: IOException }, refused?.ToString());
    }

    [Fact]
    public async Task An_empty_body_can_be_sent_again_and_says_its_length()
    {
        RequestBody body = RequestBody.Empty;
        Assert.Equal(0, body.NewContent().Headers.ContentLength);
        await body.NewContent().CopyToAsync(new MemoryStream());
        await body.NewContent().CopyToAsync(new MemoryStream());
        Assert.False(body.HasStarted);
    }

    [Fact]
    public async Task A_body_that_outgrows_the_sites_limit_goes_no_further()
    {
        var body = new RequestBody(new MemoryStream(new byte[101]), null, most: 100);
        using var sent = new MemoryStream();
        Assert.NotNull(await Record.ExceptionAsync(() => body.NewContent().CopyToAsync(sent)));
        Assert.Equal(0, sent.Length);
        Assert.False(body.IsSent);
    }
}
