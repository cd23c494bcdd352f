using System.CommandLine;
using System.Globalization;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands.Dns;

/// <summary><c>cdn dns keys</c>: the keys of a signed zone, what to tell the registrar, and key changes.</summary>
internal static class DnsKeysCommand
{
    private const string Show = "show";
    private const string Ds = "ds";

    private static readonly Dictionary<string, DnsKeyAction> s_actions = new()
    {
        ["roll"] = DnsKeyAction.Roll,
        ["activate"] = DnsKeyAction.Activate,
        ["ds-seen"] = DnsKeyAction.DsSeen,
        ["ds-gone"] = DnsKeyAction.DsGone,
        ["remove"] = DnsKeyAction.Remove,
        ["split"] = DnsKeyAction.Split,
    };

    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var zone = new Argument<string>("zone") { Description = "Its name", HelpName = "ZONE" };
        var action = new Argument<string>("action")
        {
            Description = "show: keys, and what each waits for. ds: DS, CDS and DNSKEY records for the registrar. roll: begin a key change. ds-seen, ds-gone: the parent has the DS record, "
                + "or none any more. activate: wait no longer. remove: drop a key. split: a KSK and a ZSK in the place of one key",
            DefaultValueFactory = _ => Show,
        };
        action.AcceptOnlyFromAmong([Show, Ds, .. s_actions.Keys]);
        var tag = new Argument<ushort?>("key") { Description = "Tag of the key that is meant", HelpName = "TAG", Arity = ArgumentArity.ZeroOrOne };
        var role = new Option<DnsKeyRole?>("--role") { Description = "roll: which key of a zone with two, ksk or zsk", HelpName = "ROLE" };
        var ttl = new Option<TimeSpan?>("--ds-ttl")
        {
            Description = "ds-seen, ds-gone: time to live of the DS record at the parent [default: 1d]", HelpName = "TIME", CustomParser = DurationText.ParseAge,
        };
        var emergency = new Option<bool>("--emergency") { Description = "roll: do not wait for edges that no silo reaches, nor longer than times to live" };
        var force = new Option<bool>("--force") { Description = "Also what makes validation fail in caches for a while" };
        var why = new Option<string?>("--why") { Description = "Reason, kept in the history", HelpName = "TEXT" };
        var command = new Command("keys", "Show the keys of a signed zone, tell what the registrar needs, and change keys.") { zone, action, tag, role, ttl, emergency, force, why };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string name = parsed.GetValue(zone)!;
            string what = parsed.GetValue(action)!;
            using ApiClient client = api.Connect(parsed);
            DnsKeysReply keys = s_actions.TryGetValue(what, out DnsKeyAction change)
                ? await client.ChangeDnsKeysAsync(
                    name,
                    new DnsKeyRequest
                    {
                        Action = change,
                        Tag = parsed.GetValue(tag),
                        Role = parsed.GetValue(role),
                        DsTtlSeconds = parsed.GetValue(ttl) is { } time ? (int)Math.Min(time.TotalSeconds, int.MaxValue) : null,
                        Emergency = parsed.GetValue(emergency),
                        Force = parsed.GetValue(force),
                        Reason = parsed.GetValue(why),
                    },
                    cancellationToken)
                : await client.DnsKeysAsync(name, cancellationToken);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(keys, ContractsJson.Default.DnsKeysReply);
            }
            else if (what == Ds)
            {
                DnsKeysText.WriteParent(host, keys);
            }
            else
            {
                DnsKeysText.Write(host, keys);
            }

            return ExitCode.Done;
        });
        return command.WithExamples(
            "cdn dns keys example.net                                 keys, and what each waits for",
            "cdn dns keys example.net ds                              what to give to the registrar",
            "cdn dns keys example.net roll --why \"yearly\"             begin to replace the key",
            "cdn dns keys example.net ds-seen --ds-ttl 1h             the parent has the DS record of the new key",
            "cdn dns keys example.net remove 4711                     drop a key that is not needed",
            "cdn dns keys example.net --json | jq .parentDs");
    }

    public static string Tag(ushort tag) => tag.ToString(CultureInfo.InvariantCulture);
}
