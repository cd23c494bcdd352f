using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using OrleansCdn.EndToEnd.Tests.Running;
using Xunit.Abstractions;

namespace OrleansCdn.EndToEnd.Tests;

/// <summary>A zone becomes signed under load, is validated by BIND's delv at every nameserver, and stays so without a silo.</summary>
public sealed class DnssecTests(ITestOutputHelper output)
{
    private const string Zone = DnsNetwork.Zone;

    [Fact]
    public async Task A_zone_is_signed_under_load_and_stays_signed_at_an_edge_that_starts_without_any_silo()
    {
        using TempFile before = TempFile.Of(DnsNetwork.Yaml.Split('\n'));
        await using RunningLab lab = await RunningLab.StartAsync(null, "--config", before.Path, "--no-restart");
        await lab.RunAsync(output, async () =>
        {
            string[] servers = [.. TestNetwork.Pops.Select(pop => lab.Ready.Pops[pop].Dns!)];
            DnsLoad load = new(TestNetwork.Pops.ToDictionary(pop => pop, pop => lab.Ready.Pops[pop].Dns!), $"www.{Zone}");
            load.Start();
            foreach (string pop in TestNetwork.Pops)
            {
                await load.UntilAnsweredAsync(pop, 50);
            }

            // :: 1 signed, without a query that fails
            string signed = Path.Combine(lab.Data, "signed.yaml");
            string yaml = (await lab.CdnAsync("config", "show")).Expect(0).Out;
            await File.WriteAllTextAsync(signed, Regex.Replace(yaml, $"( *)- name: {Regex.Escape(Zone)}\n", $"$1- dnssec: true\n$1  name: {Zone}\n"));
            (await lab.CdnAsync("apply", signed, "--yes")).Expect(0);
            JsonElement key = (await lab.CdnAsync("dns", "keys", Zone, "--json")).Expect(0).Json.GetProperty("keys")[0];
            string anchors = Path.Combine(lab.Data, "anchors");
            await File.WriteAllTextAsync(anchors, $$"""trust-anchors { "{{Zone}}." static-key 257 3 13 "{{key.GetProperty("publicKey").GetString()}}"; };""");
            foreach (string server in servers)
            {
                await Wait.UntilAsync($"{server} signs", async () => (await DelvAsync(server, anchors, $"www.{Zone}", "A")).Contains("; fully validated", StringComparison.Ordinal));
                foreach ((string name, string type, string expected) in new[]
                {
                    ("www", "A", "; fully validated"), ("mail", "A", "; fully validated"), ("a.b.wild", "AAAA", "; fully validated"), ("alias", "A", "; fully validated"),
                    ("where", "TXT", "; fully validated"), ("visit", "AAAA", "; fully validated"), ("www", "HTTPS", "; fully validated"),
                    ("mail", "MX", "; negative response, fully validated"), ("none", "A", "; negative response, fully validated"),
                })
                {
                    Assert.Contains(expected, await DelvAsync(server, anchors, $"{name}.{Zone}", type), StringComparison.Ordinal);
                    Assert.Contains(expected, await DelvAsync(server, anchors, $"{name}.{Zone}", type, "+tcp"), StringComparison.Ordinal);
                }
            }

            string soa = await Dig.AskAsync(servers[0], Zone, "DNSKEY", "+short");
            Assert.All(servers, server => Assert.Equal(soa, Dig.AskAsync(server, Zone, "DNSKEY", "+short").Result));

            // :: 2 a key change begins: both keys are published, and all still validates
            (await lab.CdnAsync("dns", "keys", Zone, "activate", "--force", "--why", "test")).Expect(0);
            (await lab.CdnAsync("dns", "keys", Zone, "ds-seen")).Expect(0);
            (await lab.CdnAsync("dns", "keys", Zone, "activate", "--force")).Expect(0);
            (await lab.CdnAsync("dns", "keys", Zone, "roll", "--why", "test")).Expect(0);
            foreach (string server in servers)
            {
                await Wait.UntilAsync($"{server} has both keys", async () => (await Dig.AskAsync(server, Zone, "DNSKEY", "+short")).Split('\n').Length == 2);
                Assert.Contains("; fully validated", await DelvAsync(server, anchors, $"www.{Zone}", "A"), StringComparison.Ordinal);
            }

            Assert.Contains("is to take the place", (await lab.CdnAsync("audit")).Expect(0).Out.ReplaceLineEndings(" "), StringComparison.Ordinal);

            // :: 3 no silo, and a nameserver that starts anew
            int edge = lab.Ready.Pops["grr"].EdgePid;
            string[] command = Processes.CommandLine(edge);
            Processes.Signal(lab.Ready.SiloPid, Processes.SigKill);
            Processes.Signal(edge, Processes.SigKill);
            await Wait.UntilAsync("both are gone", () => !Processes.IsAlive(edge) && !Processes.IsAlive(lab.Ready.SiloPid));
            using Process again = Processes.Start(command[0], command[1..]);
            try
            {
                await load.UntilAnsweredAsync("grr", 50);
                Assert.Contains("; fully validated", await DelvAsync(lab.Ready.Pops["grr"].Dns!, anchors, $"www.{Zone}", "A"), StringComparison.Ordinal);
                await load.StopAsync();
                Assert.DoesNotContain(load.Failures, failure => failure.Pop != "grr");
                output.WriteLine($"{TestNetwork.Pops.Sum(load.Answered)} queries; none failed where the nameserver was running");
            }
            finally
            {
                again.Kill();
            }
        });
    }

    private static async Task<string> DelvAsync(string server, string anchors, params string[] question)
    {
        int colon = server.LastIndexOf(':');
        using Process process = Processes.Start("delv", ["@" + server[..colon], "-p", server[(colon + 1)..], "-a", anchors, $"+root={Zone}", .. question]);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Wait.Limit);
        return await output + await error;
    }
}
