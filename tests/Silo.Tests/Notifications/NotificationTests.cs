using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Silo.Tests.Notifications;

/// <summary>Webhooks from the config to a real receiver, and what becomes of them when it does not take them.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class NotificationTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string FormerSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    private static string Config(string keys) => $"{TestData.Yaml}\nnotifications: [ {{ name: ops, {keys} }} ]";

    private static string To(WebhookReceiver receiver, string more = "") => Config($"url: \"{receiver.Url}\", allow-private: true{more}");

    private static async Task<string> FileAsync(TestData data, string name, string text)
    {
        string path = Path.Combine(data.Directory, name);
        await File.WriteAllTextAsync(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    private static async Task DrainAsync(ApiClient api, string pop, string why, string route = ApiRoutes.Drain)
    {
        var request = JsonContent.Create(new DrainRequest { Why = why, Force = true }, ContractsJson.Default.DrainRequest);
        await ApiClient.Ok(await api.SendAsync(HttpMethod.Post, route.Replace("{pop}", pop, StringComparison.Ordinal), request), ContractsJson.Default.DrainReply);
    }

    private static async Task<WebhookStatus> StatusAsync(ApiClient api) =>
        (await ApiClient.Ok(await api.GetAsync(ApiRoutes.Notifications), ContractsJson.Default.NotificationsReply)).Webhooks.Single();

    private static async Task<WebhookStatus> StatusAsync(ApiClient api, Func<WebhookStatus, bool> wanted)
    {
        while (true)
        {
            WebhookStatus status = await StatusAsync(api);
            if (wanted(status))
            {
                return status;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    private static async Task<CdnEvent> EventAsync(ApiClient api, Func<CdnEvent, bool> wanted)
    {
        for (long after = 0; ;)
        {
            EventsReply reply = await ApiClient.Ok(await api.GetAsync($"{ApiRoutes.Events}?after={after}&waitMs=20000&limit=1000"), ContractsJson.Default.EventsReply);
            if (reply.Events.FirstOrDefault(wanted) is { } found)
            {
                return found;
            }

            after = reply.Next;
        }
    }

    private static async Task<WebhookTestReply> TestedAsync(ApiClient api, string name = "ops") => await ApiClient.Ok(
        await api.SendAsync(HttpMethod.Post, ApiRoutes.NotificationTest.Replace("{name}", name, StringComparison.Ordinal)), ContractsJson.Default.WebhookTestReply);

    private static Func<ReceivedPost, bool> With(string why) => post => post.Text.Contains(why, StringComparison.Ordinal);

    /// <summary>The webhook has begun when it is shown with a cursor: what happens after that is for it.</summary>
    private static Task<WebhookStatus> BegunAsync(RunningSilo silo) => StatusAsync(silo.Admin, status => status.Cursor > 0);

    [Fact]
    public async Task What_happens_is_posted_and_signed_with_each_secret_of_the_file()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using RunningSilo silo = await RunningSilo.StartAsync();
        string file = await FileAsync(silo.Data, "ops.secret", $"{Secret}\n{FormerSecret}\n");
        await silo.Admin.AppliedAsync(To(receiver, $", secret-file: {file}"));
        await BegunAsync(silo);
        await DrainAsync(silo.Admin, "waw", "new disks");
        ReceivedPost post = await receiver.TheAsync(With("new disks"));
        Assert.Equal("/hook?key=a%20b", post.Target);
        Assert.Equal("application/json", post.Fields["content-type"]);
        Assert.True(post.IsSignedWith(Secret));
        Assert.True(post.IsSignedWith(FormerSecret));
        Assert.False(post.IsSignedWith("whsec_" + Convert.ToBase64String(new byte[32])));
        Assert.DoesNotContain('.', post.Id);
        Assert.True(Math.Abs(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - long.Parse(post.Fields["webhook-timestamp"], System.Globalization.CultureInfo.InvariantCulture)) < 300);

        WebhookMessage message = post.Message;
        CdnEvent drain = message.Events.Single(e => e.Kind == EventKind.Drain);
        Assert.Equal(await EventAsync(silo.Admin, e => e.Kind == EventKind.Drain), drain);
        Assert.Equal(("ops", WebhookMessage.EventsType, 0), (message.Webhook, message.Type, message.Missed));
        Assert.Equal(string.Join('\n', message.Events.Select(EventText.Line)), message.Text);
        WebhookStatus status = await StatusAsync(silo.Admin, s => s.State == WebhookState.UpToDate);
        Assert.True(status.Cursor >= drain.Id);
        Assert.Equal((receiver.Url, 0, 0, 0), (status.Target, status.Pending, status.Missed, status.Failures));
        Assert.NotNull(status.LastSuccess);
        Assert.Null(status.LastFailure);
    }

    [Fact]
    public async Task Only_what_is_wanted_comes_and_nothing_from_before()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync(TestData.Yaml);
        await DrainAsync(silo.Admin, "waw", "long ago");
        await EventAsync(silo.Admin, e => e.Why == "long ago");
        await silo.Admin.AppliedAsync(To(receiver, ", events: [\"Un*\", Drain], min-severity: warning"));
        await BegunAsync(silo);
        await DrainAsync(silo.Admin, "waw", "over", ApiRoutes.Undrain);
        await DrainAsync(silo.Admin, "lax", "now");
        ReceivedPost first = await receiver.TheAsync(_ => true);
        Assert.Equal([EventKind.Drain], first.Message.Events.Select(e => e.Kind));
        Assert.Equal("now", first.Message.Events[0].Why);
    }

    [Fact]
    public async Task After_errors_the_same_delivery_comes_again_until_it_is_taken()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = (post, context) =>
        {
            context.Response.StatusCode = post.At < 4 ? 500 : 200;
            return Task.CompletedTask;
        };
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync(To(receiver, ", events: Drain"));
        await BegunAsync(silo);
        await DrainAsync(silo.Admin, "waw", "first");
        ReceivedPost first = await receiver.TheAsync(With("first"));
        ReceivedPost taken = await receiver.TheAsync(post => post.At == 4);
        Assert.Equal((first.Id, first.Text), (taken.Id, taken.Text));
        CdnEvent failing = await EventAsync(silo.Admin, e => e.Kind == EventKind.WebhookFailing);
        Assert.Equal(("ops", EventSeverity.Warning, "answered 500"), (failing.Webhook, failing.Severity, failing.Why));
        await EventAsync(silo.Admin, e => e.Kind == EventKind.WebhookRestored && e.Webhook == "ops");
        WebhookStatus status = await StatusAsync(silo.Admin, s => s.State == WebhookState.UpToDate);
        Assert.Equal((0, "answered 500"), (status.Failures, status.LastFailure?.Evidence));
        await DrainAsync(silo.Admin, "lax", "second");
        Assert.DoesNotContain("first", (await receiver.TheAsync(With("second"))).Text, StringComparison.Ordinal);
    }

    /// <summary>Killed, not stopped, in the middle of an attempt: what was told while the receiver was down comes when both are back, in order, and nothing twice under another id.</summary>
    [Fact]
    public async Task What_happened_while_the_receiver_was_down_comes_after_a_silo_was_killed()
    {
        int port = FreePort.Next();
        var data = new TestData();
        await using (SiloProcess silo = await SiloProcess.StartAsync(data))
        {
            var api = new ApiClient(silo.Api, data.Admin);
            await api.AppliedAsync(Config($"url: \"http://127.0.0.1:{port}/\", allow-private: true, events: [Drain, Undrain], timeout: 2s"));
            await StatusAsync(api, status => status.Cursor > 0);
            await DrainAsync(api, "waw", "one");
            await StatusAsync(api, status => status.LastFailure is { Outcome: DeliveryOutcome.Unreachable });
            await DrainAsync(api, "waw", "two", ApiRoutes.Undrain);
            await DrainAsync(api, "lax", "three");
            await EventAsync(api, e => e.Why == "three");
            await silo.KillAsync();
        }

        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(port);
        await using SiloProcess next = await SiloProcess.StartAsync(data);
        var after = new ApiClient(next.Api, data.Admin);
        await receiver.TheAsync(With("three"));
        await StatusAsync(after, status => status is { State: WebhookState.UpToDate, Pending: 0 });
        var reasons = new Dictionary<string, string[]>();
        while (reasons.Values.SelectMany(r => r).Count() < 3)
        {
            ReceivedPost post = await receiver.TheAsync(p => !reasons.ContainsKey(p.Id));
            reasons.Add(post.Id, [.. post.Message.Events.Select(e => e.Why!)]);
        }

        Assert.Equal(["one", "two", "three"], reasons.Values.SelectMany(r => r));
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_is_told_at_once_with_what_to_do()
    {
        await using WebhookReceiver elsewhere = await WebhookReceiver.StartAsync();
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        receiver.AnswerWith(307, ("Location", elsewhere.Url));
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync(To(receiver, ", events: Drain"));
        await BegunAsync(silo);
        await DrainAsync(silo.Admin, "waw", "why");
        CdnEvent failing = await EventAsync(silo.Admin, e => e.Kind == EventKind.WebhookFailing);
        Assert.Equal(EventSeverity.Problem, failing.Severity);
        Assert.Contains("answered 307, a redirect, which is not followed", failing.Why, StringComparison.Ordinal);
        WebhookStatus status = await StatusAsync(silo.Admin);
        Assert.Equal((WebhookState.Refused, 1, 1), (status.State, status.Failures, status.Pending));
        Assert.True(status.NextAttempt - status.LastFailure!.When >= TimeSpan.FromMinutes(5));
        Assert.Equal(0, elsewhere.Count);
    }

    [Fact]
    public async Task Gone_waits_for_long_until_a_test_goes_well_or_the_config_is_another()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        receiver.AnswerWith(410);
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync(To(receiver, ", events: Drain"));
        await BegunAsync(silo);
        await DrainAsync(silo.Admin, "waw", "why");
        WebhookStatus status = await StatusAsync(silo.Admin, s => s.State == WebhookState.Refused);
        Assert.Contains("answered 410, gone: the receiver wants no more", status.LastFailure!.Evidence, StringComparison.Ordinal);
        Assert.Equal(DeliveryOutcome.Refused, (await TestedAsync(silo.Admin)).Outcome);
        ReceivedPost test = await receiver.TheAsync(post => post.Message.Type == WebhookMessage.TestType);
        Assert.Empty(test.Message.Events);
        Assert.StartsWith("test_", test.Id, StringComparison.Ordinal);

        receiver.AnswerWith(200);
        WebhookTestReply tested = await TestedAsync(silo.Admin);
        Assert.Equal((DeliveryOutcome.Delivered, "answered 200"), (tested.Outcome, tested.Evidence));
        await StatusAsync(silo.Admin, s => s is { State: WebhookState.UpToDate, Pending: 0 });

        receiver.AnswerWith(410);
        await DrainAsync(silo.Admin, "lax", "again");
        await StatusAsync(silo.Admin, s => s.State == WebhookState.Refused);
        receiver.AnswerWith(200);
        await silo.Admin.AppliedAsync(To(receiver, ", events: Drain, timeout: 9s"));
        await StatusAsync(silo.Admin, s => s is { State: WebhookState.UpToDate, Pending: 0 });
    }

    [Fact]
    public async Task A_receiver_is_given_the_time_that_it_asks_for()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        receiver.AnswerWith(429, ("Retry-After", "1800"));
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync(To(receiver, ", events: Drain"));
        await BegunAsync(silo);
        await DrainAsync(silo.Admin, "waw", "why");
        WebhookStatus status = await StatusAsync(silo.Admin, s => s.LastFailure is not null);
        Assert.Equal((DeliveryOutcome.Unavailable, WebhookState.Failing), (status.LastFailure!.Outcome, status.State));
        Assert.Equal(TimeSpan.FromMinutes(30), status.NextAttempt - status.LastFailure.When);
    }

    /// <summary>The name says nothing: what it leads to is looked at when it is connected to.</summary>
    [Theory]
    [InlineData("http://127.0.0.1.nip.example.invalid:1/", ", allow-private: true", DeliveryOutcome.Unreachable, "could not be reached")]
    [InlineData("https://localhost6.localdomain.invalid/", "", DeliveryOutcome.Unreachable, "could not be reached")]
    public async Task A_name_that_is_none_is_not_reached(string url, string more, DeliveryOutcome outcome, string says)
    {
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync(Config($"url: \"{url}\"{more}"));
        WebhookTestReply tested = await TestedAsync(silo.Admin);
        Assert.Equal(outcome, tested.Outcome);
        Assert.Contains(says, tested.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_leads_to_this_machine_is_not_connected_to_unless_that_is_allowed()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using RunningSilo silo = await RunningSilo.StartAsync();

        // The machine's own name leads to an address of its own, as names of an inner network do.
        string own = System.Net.Dns.GetHostName();
        Assert.All(await System.Net.Dns.GetHostAddressesAsync(own), address => Assert.True(OrleansCdn.Contracts.Config.SpecialPurposeAddresses.Contains(address)));
        await silo.Admin.AppliedAsync(Config($"url: \"https://{own}:{new Uri(receiver.Url).Port}/\""));
        WebhookTestReply tested = await TestedAsync(silo.Admin);
        Assert.Equal(DeliveryOutcome.NotAllowed, tested.Outcome);
        Assert.Contains("which is not a public address; set allow-private on the webhook if that is meant", tested.Evidence, StringComparison.Ordinal);
        Assert.Equal(0, receiver.Count);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/", "", "is on a loopback, private or other special-purpose address")]
    [InlineData("http://169.254.169.254/latest/meta-data", "", "is on a loopback, private or other special-purpose address")]
    [InlineData("http://hooks.example.net/", "", "is not https")]
    [InlineData("no url at all", "", "is not a URL")]
    public async Task A_url_in_a_file_is_held_to_the_same_rules_and_never_repeated(string url, string more, string says)
    {
        await using RunningSilo silo = await RunningSilo.StartAsync();
        string file = await FileAsync(silo.Data, "ops.url", url + "\n");
        await silo.Admin.AppliedAsync(Config($"url-file: {file}{more}"));
        WebhookTestReply tested = await TestedAsync(silo.Admin);
        Assert.Equal(DeliveryOutcome.NotReady, tested.Outcome);
        Assert.Contains(says, tested.Evidence, StringComparison.Ordinal);
        Assert.DoesNotContain(url, tested.Evidence, StringComparison.Ordinal);
        Assert.Equal($"file {file}", (await StatusAsync(silo.Admin)).Target);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("hunter2hunter2hunter2hunter2", "line 1: no secret; write whsec_")]
    [InlineData("whsec_c2hvcnQ=", "line 1: no secret")]
    [InlineData(Secret + "\n" + Secret + "\n" + Secret, "has 3 lines")]
    [InlineData(null, "it is not there")]
    [InlineData("open:" + Secret, "can be read or written by every user of the silo's machine: chmod o= it")]
    public async Task A_secret_that_cannot_be_used_sends_nothing_unsigned(string? text, string says)
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using RunningSilo silo = await RunningSilo.StartAsync();
        string file = Path.Combine(silo.Data.Directory, "ops.secret");
        if (text is not null)
        {
            await FileAsync(silo.Data, "ops.secret", text.Replace("open:", "", StringComparison.Ordinal));
            if (text.StartsWith("open:", StringComparison.Ordinal))
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            }
        }

        await silo.Admin.AppliedAsync(To(receiver, $", secret-file: {file}"));
        WebhookTestReply tested = await TestedAsync(silo.Admin);
        Assert.Equal(DeliveryOutcome.NotReady, tested.Outcome);
        Assert.Contains(says, tested.Evidence, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", tested.Evidence, StringComparison.Ordinal);
        Assert.Equal(0, receiver.Count);

        await FileAsync(silo.Data, "ops.secret", Secret);
        Assert.Equal(DeliveryOutcome.Delivered, (await TestedAsync(silo.Admin)).Outcome);
    }

    [Fact]
    public async Task A_receiver_that_never_answers_is_given_up()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync(To(receiver, ", events: Rollback, timeout: 300ms"));
        var release = new TaskCompletionSource();
        receiver.Answer = (_, _) => release.Task;
        WebhookTestReply tested = await TestedAsync(silo.Admin);
        Assert.Equal((DeliveryOutcome.TimedOut, "no answer within 300ms"), (tested.Outcome, tested.Evidence));
        release.SetResult();
    }

    [Theory]
    [InlineData("200 OK", DeliveryOutcome.Delivered)]
    [InlineData("500 Oh", DeliveryOutcome.Unavailable)]
    public async Task An_answer_that_never_ends_is_not_read_on(string status, DeliveryOutcome outcome)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync(Config($"url: \"http://{listener.LocalEndpoint}/\", allow-private: true, events: Rollback, timeout: 30s"));
        Task<WebhookTestReply> testing = TestedAsync(silo.Admin);
        using Socket receiver = await listener.AcceptSocketAsync();
        byte[] block = new byte[64 * 1024];
        await receiver.ReceiveAsync(block);
        await receiver.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\n\r\n"));
        block.AsSpan().Fill((byte)'a');
        long sent = 0;
        try
        {
            while (true)
            {
                sent += await receiver.SendAsync(block);
            }
        }
        catch (SocketException)
        {
            // The silo has closed its end. What fits the buffers of both sockets was taken, and not more.
            Assert.InRange(sent, 0, 32L << 20);
        }

        WebhookTestReply tested = await testing;
        Assert.Equal(outcome, tested.Outcome);
        Assert.InRange(tested.Evidence.Length, 1, 300);
    }

    [Theory]
    [InlineData("slack", "text", "(change 1), by ops: &lt;!channel&gt; &amp; @everyone")]
    [InlineData("discord", "content", "(change 1), by ops: <!channel> & @everyone")]
    public async Task Chats_get_messages_of_their_own_and_nobody_is_called(string format, string member, string says)
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync(To(receiver, $", events: Drain, format: {format}"));
        await BegunAsync(silo);
        await DrainAsync(silo.Admin, "waw", "<!channel> & @everyone");
        JsonElement message = JsonDocument.Parse((await receiver.TheAsync(_ => true)).Body).RootElement;
        Assert.EndsWith(says, message.GetProperty(member).GetString(), StringComparison.Ordinal);
        Assert.Equal(format == "slack" ? ["text"] : ["content", "allowed_mentions"], message.EnumerateObject().Select(m => m.Name));
        Assert.True(format == "slack" || message.GetProperty("allowed_mentions").GetProperty("parse").GetArrayLength() == 0);
    }

    [Fact]
    public async Task A_webhook_that_fails_tells_others_once_and_itself_nothing()
    {
        await using WebhookReceiver broken = await WebhookReceiver.StartAsync();
        broken.AnswerWith(404);
        await using WebhookReceiver working = await WebhookReceiver.StartAsync();
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync($$"""
            {{TestData.Yaml}}
            notifications:
              - { name: broken, url: "{{broken.Url}}", allow-private: true, events: [Drain, "Webhook*"] }
              - { name: working, url: "{{working.Url}}", allow-private: true, events: [Drain, "Webhook*"] }
            """);
        while ((await ApiClient.Ok(await silo.Admin.GetAsync(ApiRoutes.Notifications), ContractsJson.Default.NotificationsReply)).Webhooks.Any(w => w.Cursor == 0))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        await DrainAsync(silo.Admin, "waw", "first");
        ReceivedPost told = await working.TheAsync(post => post.Message.Events.Any(e => e.Kind == EventKind.WebhookFailing));
        Assert.Equal("broken", told.Message.Events.Single(e => e.Kind == EventKind.WebhookFailing).Webhook);
        broken.AnswerWith(200);
        await TestedAsync(silo.Admin, "broken");
        await working.TheAsync(post => post.Message.Events.Any(e => e.Kind == EventKind.WebhookRestored));
        await DrainAsync(silo.Admin, "lax", "second");
        await broken.TheAsync(post =>
        {
            Assert.All(post.Message.Events, e => Assert.Equal(EventKind.Drain, e.Kind));
            return With("second")(post);
        });
        EventsReply all = await ApiClient.Ok(await silo.Admin.GetAsync(ApiRoutes.Events + "?limit=1000"), ContractsJson.Default.EventsReply);
        Assert.Equal([EventKind.WebhookFailing, EventKind.WebhookRestored], all.Events.Where(e => e.Webhook is not null).Select(e => e.Kind));
    }

    [Fact]
    public async Task One_that_was_taken_out_begins_with_the_present_when_it_comes_back()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync(To(receiver, ", events: [Drain, Undrain]"));
        await BegunAsync(silo);
        await DrainAsync(silo.Admin, "waw", "before");
        await receiver.TheAsync(With("before"));
        await silo.Admin.AppliedAsync(TestData.Yaml);
        Assert.Empty((await ApiClient.Ok(await silo.Admin.GetAsync(ApiRoutes.Notifications), ContractsJson.Default.NotificationsReply)).Webhooks);

        // One that is forgotten has no cursor.
        while ((await silo.WebhookAsync("ops")).Cursor > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        await DrainAsync(silo.Admin, "waw", "in between", ApiRoutes.Undrain);
        await EventAsync(silo.Admin, e => e.Why == "in between");
        await silo.Admin.AppliedAsync(To(receiver, ", events: [Drain, Undrain]"));
        await BegunAsync(silo);
        await DrainAsync(silo.Admin, "lax", "after");
        ReceivedPost post = await receiver.TheAsync(p => p.At > 0);
        Assert.Equal(["after"], post.Message.Events.Select(e => e.Why));
    }

    [Fact]
    public async Task Looking_takes_a_token_that_may_read_and_testing_one_that_may_everything()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync();
        await using RunningSilo silo = await RunningSilo.StartAsync();
        string test = ApiRoutes.NotificationTest.Replace("{name}", "ops", StringComparison.Ordinal);
        Assert.Contains("no webhooks", (await ApiClient.Problem(await silo.Admin.SendAsync(HttpMethod.Post, test), 404)).Detail, StringComparison.Ordinal);
        await silo.Admin.AppliedAsync(To(receiver));
        await StatusAsync(silo.Client(silo.Data.Read));
        await ApiClient.Problem(await silo.Client(silo.Data.Purge).GetAsync(ApiRoutes.Notifications), 403);
        await ApiClient.Problem(await silo.Client(silo.Data.Read).SendAsync(HttpMethod.Post, test), 403);
        await ApiClient.Problem(await silo.Client(null).SendAsync(HttpMethod.Post, test), 401);
        string other = ApiRoutes.NotificationTest.Replace("{name}", "other", StringComparison.Ordinal);
        Assert.Contains("the config has 'ops'", (await ApiClient.Problem(await silo.Admin.SendAsync(HttpMethod.Post, other), 404)).Detail, StringComparison.Ordinal);

        var release = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        receiver.Answer = (_, _) =>
        {
            arrived.TrySetResult();
            return release.Task;
        };
        Task<WebhookTestReply> first = TestedAsync(silo.Admin);
        await arrived.Task;
        await ApiClient.Problem(await silo.Admin.SendAsync(HttpMethod.Post, test), 409);
        release.SetResult();
        Assert.Equal(DeliveryOutcome.Delivered, (await first).Outcome);
    }
}
