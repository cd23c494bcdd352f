using System.Diagnostics;
using System.Net;
using OrleansCdn.EndToEnd.Tests.Running;
using Xunit.Abstractions;

namespace OrleansCdn.EndToEnd.Tests;

/// <summary>The fleet's nameservers as resolvers see them.</summary>
public sealed class DnsTests(ITestOutputHelper output)
{
    /// <summary>Of every continent, of both families, of no place, with more bits than count, and none at all.</summary>
    private static readonly string[] Subnets =
    [
        "193.0.0.0/24", "8.8.8.0/24", "1.1.1.0/24", "41.0.0.0/16", "200.160.0.0/20", "133.0.0.0/8", "10.0.0.0/8", "0.0.0.0/0", "198.18.7.9/32",
        "2a00:1450::/32", "2001:db8:77::/56", "2400:3200::/32", "::/0", "fd00::/48",
    ];

    private static readonly (string Name, string Type)[] Questions =
    [
        ("cdn.test", "SOA"), ("cdn.test", "NS"), ("cdn.test", "MX"), ("cdn.test", "A"), ("cdn.test", "AAAA"), ("www.cdn.test", "A"), ("www.cdn.test", "AAAA"),
        ("www.cdn.test", "HTTPS"), ("www.cdn.test", "TXT"), ("a.b.wild.cdn.test", "A"), ("alias.cdn.test", "A"), ("where.cdn.test", "TXT"), ("below.cdn.test", "A"),
        ("none.cdn.test", "A"), ("elsewhere.test", "A"), ("cdn.test", "ANY"),
    ];

    [Fact]
    public Task Every_nameserver_gives_the_same_answer() => WithLabAsync([], async lab =>
    {
        using TempFile batch = TempFile.Of(Questions.SelectMany(question => Subnets.Select(subnet => $"{question.Name} {question.Type} +subnet={subnet}")));
        string[] answers = await Task.WhenAll(TestNetwork.Pops.Select(pop => Dig.AskAsync(
            Server(lab, pop), "-f", batch.Path, "+noall", "+comments", "+answer", "+authority", "+additional", "+noidentify")));
        string[] comparable = [.. answers.Select(WithoutIds)];

        Assert.Equal(Questions.Length * Subnets.Length, comparable[0].Split("status: ").Length - 1);
        Assert.All(comparable, answer => Assert.Equal(comparable[0], answer));
        output.WriteLine($"{Questions.Length * Subnets.Length} questions, one answer each at {TestNetwork.Pops.Length} nameservers");
    });

    [Fact]
    public Task Visitors_are_sent_where_rules_places_and_overrides_say() => WithLabAsync([], async lab =>
    {
        async Task<string> PopOf(string subnet) => Pop(await Dig.AskAsync(Server(lab, "grr"), "www.cdn.test", "A", "+short", $"+subnet={subnet}"));
        Assert.Equal("waw", await PopOf("193.0.0.0/24")); // of RIPE's, in Europe: the rule
        Assert.Equal("lax", await PopOf("133.11.0.0/16")); // Tokyo: the rule for Asia, by the PoP's prefix
        Assert.Equal("grr", await PopOf("198.18.7.0/24")); // an override, in a block that is nobody's
        Assert.Equal("waw", await PopOf("0.0.0.0/0")); // the client is not to be looked at: the resolver is on loopback, so the default

        string europe = await Dig.AskAsync(Server(lab, "lax"), "where.cdn.test", "TXT", "+short", "+subnet=193.0.0.0/24");
        Assert.Contains("\"Rule=europe\"", europe, StringComparison.Ordinal);
        Assert.Contains("\"Pop=waw\"", europe, StringComparison.Ordinal);
        Assert.Matches("\"ECSGeo cc=[A-Z]{2} regcc=[A-Z]* cont=EU asn=0\"", europe);

        CdnRun explained = (await lab.CdnAsync("dns", "explain", "8.8.8.8", "alias.cdn.test", "--subnet", "193.0.0.0/24", "--json")).Expect(0);
        string[] reasons = [.. explained.Json.GetProperty("nameservers").EnumerateArray().Select(server => server.GetProperty("explanation").GetProperty("steering").GetProperty("rule").GetString() ?? "")];
        Assert.Equal(["europe", "europe", "europe"], reasons);
        Assert.Contains("answering", (await lab.CdnAsync("dns", "status")).Expect(0).Out, StringComparison.Ordinal);

        string https = await Dig.AskAsync(Server(lab, "lax"), "www.cdn.test", "HTTPS", "+short", "+subnet=193.0.0.0/24");
        Assert.StartsWith("1 . alpn=\"h2\" port=", https, StringComparison.Ordinal);
        Assert.EndsWith("ipv4hint=192.0.2.10 ipv6hint=2001:db8:a::10", https, StringComparison.Ordinal);

        string[] visits = [.. await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Dig.AskAsync(Server(lab, "lax"), "visit.cdn.test", "AAAA", "+short", "+subnet=193.0.0.0/24")))];
        Assert.All(visits, visit => Assert.True(IPNetwork.Parse("2001:db8:a:1::/96").Contains(IPAddress.Parse(visit)), visit));
        Assert.NotEqual(visits[0], visits[1]);

        string scope = await Dig.AskAsync(Server(lab, "waw"), "www.cdn.test", "A", "+subnet=198.18.7.0/24");
        Assert.Contains("CLIENT-SUBNET: 198.18.7.0/24/24", scope, StringComparison.Ordinal);
        Assert.Contains("CLIENT-SUBNET: 198.18.7.0/24/0", await Dig.AskAsync(Server(lab, "waw"), "cdn.test", "MX", "+subnet=198.18.7.0/24"), StringComparison.Ordinal);
        Assert.Contains("192.0.2.10", await Dig.AskAsync(Server(lab, "waw"), "www.cdn.test", "A", "+short", "+tcp", "+subnet=193.0.0.0/24"), StringComparison.Ordinal);
    });

    [Fact]
    public Task A_new_config_costs_no_query() => WithLabAsync([], async lab =>
    {
        DnsLoad load = Load(lab);
        load.Start();
        await EverywhereAsync(load, 50);
        string file = Path.Combine(lab.Data, "changed.yaml");
        const int Changes = 4;
        for (int change = 1; change <= Changes; change++)
        {
            string yaml = (await lab.CdnAsync("config", "show")).Expect(0).Out;
            await File.WriteAllTextAsync(file, System.Text.RegularExpressions.Regex.Replace(yaml, "change TXT (\\\\?\")?[a-z0-9]+(\\\\?\")?", $"change TXT change{change}"));
            (await lab.CdnAsync("apply", file, "--yes")).Expect(0);
            foreach (string pop in TestNetwork.Pops)
            {
                await Wait.UntilAsync($"change {change} is answered at {pop}", async () =>
                    await Dig.AskAsync(Server(lab, pop), "change.cdn.test", "TXT", "+short") == $"\"change{change}\"");
            }
        }

        await EverywhereAsync(load, 50);
        await load.StopAsync();
        Assert.Empty(load.Failures);
        output.WriteLine($"{Changes} configs under {TestNetwork.Pops.Sum(load.Answered)} queries, none lost");
    });

    /// <summary>What was promised is 2 s; how long it took is printed, since a machine that is busy with other things may take longer.</summary>
    [Fact]
    public Task Draining_a_pop_takes_its_address_out_of_every_answer() => WithLabAsync([], async lab =>
    {
        DnsLoad load = Load(lab);
        load.Start();
        await EverywhereAsync(load, 50);
        Assert.All(TestNetwork.Pops, pop => Assert.Equal(DnsNetwork.Ipv4["waw"], load.Last(pop)));

        (TimeSpan fromCommand, TimeSpan fromAcknowledgement) = await UntilAllAnswerAsync(load, "lax", () => lab.CdnAsync("drain", "waw", "--reason", "new disks"));
        output.WriteLine($"drained: gone {fromAcknowledgement.TotalMilliseconds:0} ms after the acknowledgement, {fromCommand.TotalMilliseconds:0} ms after the command was begun");
        await EverywhereAsync(load, 200);
        Assert.All(TestNetwork.Pops, pop => Assert.Equal(DnsNetwork.Ipv4["lax"], load.Last(pop)));

        // Also where a rule names it alone, and as long as others are there; when none is left, as if all were.
        Assert.Equal("lax", Pop(await Dig.AskAsync(Server(lab, "waw"), "www.cdn.test", "A", "+short", "+subnet=193.0.0.0/24")));
        (await lab.CdnAsync("drain", "lax")).Expect(0);
        (await lab.CdnAsync("drain", "grr")).Expect(1);
        (await lab.CdnAsync("drain", "grr", "--force")).Expect(0);
        await UntilAllAnswerAsync(load, "waw", null);
        (await lab.CdnAsync("undrain", "grr")).Expect(0);
        await UntilAllAnswerAsync(load, "grr", null);

        (fromCommand, fromAcknowledgement) = await UntilAllAnswerAsync(load, "waw", () => lab.CdnAsync("undrain", "waw"));
        output.WriteLine($"undrained: back {fromAcknowledgement.TotalMilliseconds:0} ms after the acknowledgement, {fromCommand.TotalMilliseconds:0} ms after the command was begun");
        await load.StopAsync();
        Assert.Empty(load.Failures);
    });

    [Fact]
    public Task A_nameserver_that_was_killed_answers_again_without_any_silo() => WithLabAsync(["--no-restart"], async lab =>
    {
        DnsLoad load = Load(lab);
        load.Start();
        await EverywhereAsync(load, 50);
        string before = await Dig.AskAsync(Server(lab, "grr"), "www.cdn.test", "A", "+short", "+subnet=193.0.0.0/24");
        int edge = lab.Ready.Pops["grr"].EdgePid;
        string[] command = Processes.CommandLine(edge);
        Processes.Signal(lab.Ready.SiloPid, Processes.SigKill);
        Processes.Signal(edge, Processes.SigKill);
        await Wait.UntilAsync("both are gone", () => !Processes.IsAlive(edge) && !Processes.IsAlive(lab.Ready.SiloPid));
        using Process again = Processes.Start(command[0], command[1..]);
        try
        {
            await load.UntilAnsweredAsync("grr", 50);
            Assert.Equal(before, await Dig.AskAsync(Server(lab, "grr"), "www.cdn.test", "A", "+short", "+subnet=193.0.0.0/24"));
            await EverywhereAsync(load, 50);
            await load.StopAsync();
            Assert.DoesNotContain(load.Failures, failure => failure.Pop != "grr");
        }
        finally
        {
            again.Kill();
        }
    });

    private async Task WithLabAsync(string[] arguments, Func<RunningLab, Task> scenario)
    {
        using TempFile config = TempFile.Of(DnsNetwork.Yaml.Split('\n'));
        await using RunningLab lab = await RunningLab.StartAsync(null, ["--config", config.Path, .. arguments]);
        await lab.RunAsync(output, () => scenario(lab));
    }

    private static string Server(RunningLab lab, string pop) => lab.Ready.Pops[pop].Dns ?? throw new InvalidOperationException($"{pop} answers no DNS");

    private static DnsLoad Load(RunningLab lab) => new(TestNetwork.Pops.ToDictionary(pop => pop, pop => Server(lab, pop)), "www.cdn.test");

    /// <returns>How long it took from the beginning and from the end of <paramref name="command"/>; the latter is 0 when all did before.</returns>
    private static async Task<(TimeSpan FromCommand, TimeSpan FromAcknowledgement)> UntilAllAnswerAsync(DnsLoad load, string pop, Func<Task<CdnRun>>? command)
    {
        long begin = TimeProvider.System.GetTimestamp();
        Task<long> all = Task.Run(async () =>
        {
            await Wait.UntilAsync($"all answer {pop}", () => TestNetwork.Pops.All(server => load.Last(server) == DnsNetwork.Ipv4[pop]));
            return TimeProvider.System.GetTimestamp();
        });
        (command is null ? null : await command())?.Expect(0);
        long acknowledged = TimeProvider.System.GetTimestamp();
        long end = await all;
        return (TimeProvider.System.GetElapsedTime(begin, end), TimeProvider.System.GetElapsedTime(acknowledged, Math.Max(acknowledged, end)));
    }

    private static async Task EverywhereAsync(DnsLoad load, int more)
    {
        foreach (string pop in TestNetwork.Pops)
        {
            await load.UntilAnsweredAsync(pop, more);
        }
    }

    private static string Pop(string address) => DnsNetwork.Ipv4.Single(pop => pop.Value == address).Key;

    /// <summary>What differs between two runs of the same questions.</summary>
    private static string WithoutIds(string answer) => System.Text.RegularExpressions.Regex.Replace(answer, ", id: [0-9]+", "");
}
