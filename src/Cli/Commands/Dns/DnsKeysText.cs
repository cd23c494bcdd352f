using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Api;
using Spectre.Console;

namespace OrleansCdn.Cli.Commands.Dns;

/// <summary>The keys of a zone for people.</summary>
internal static class DnsKeysText
{
    /// <summary>The last things that happened; --json has all.</summary>
    private const int ShownHistory = 5;

    public static void Write(CliHost host, DnsKeysReply keys)
    {
        if (keys.Keys.IsEmpty)
        {
            host.Out.WriteLine(keys.Wanted ? $"{keys.Zone} is given its first key when its edges ask for it." : $"{keys.Zone} is not signed: 'dnssec: true' in its config does that.");
        }
        else
        {
            Table table = new Table().Border(TableBorder.Rounded).AddColumns("Key", "Role", "State", "Since", "Until", "Waits");
            foreach (DnsKeyView key in keys.Keys)
            {
                table.AddRow(
                    DnsKeysCommand.Tag(key.Tag),
                    key.Role.ToString().ToUpperInvariant(),
                    Markup.Escape(State(key)),
                    Units.Time(key.Since),
                    key.Until is { } until ? Units.Time(until) : "",
                    Markup.Escape(PlainText.Of(key.Waits)));
            }

            host.Console.Write(table);
        }

        if (keys.Withdrawal != DnsWithdrawal.None)
        {
            host.Out.WriteLine(keys.Withdrawal == DnsWithdrawal.AwaitingNoDs
                ? "The zone is to be unsigned. It stays signed until the parent has no DS record any more: take it away there, then say 'ds-gone'."
                : "The zone is unsigned as soon as no cache holds its DS records.");
        }
        else if (keys.ParentDs is [var ds])
        {
            host.Out.WriteLine($"DS record that the parent is to have: {PlainText.Of(ds)}");
        }

        if (!keys.Behind.IsEmpty)
        {
            host.Out.WriteLine($"Not known to have the newest keys: {PlainText.Of(string.Join(", ", keys.Behind))}. Key changes wait for them.");
        }

        foreach (DnsKeyEntry entry in keys.History.Take(ShownHistory))
        {
            host.Out.WriteLine(PlainText.Of($"{Units.Time(entry.When)}  {entry.Who}: {entry.What}{(entry.Why is null ? "" : $" ({entry.Why})")}"));
        }
    }

    /// <summary>As lines of a master file, for registrars' forms and for pipes.</summary>
    public static void WriteParent(CliHost host, DnsKeysReply keys)
    {
        if (keys.ParentDs is not { } records)
        {
            throw new CommandFailure(
                ExitCode.Failed,
                keys.Keys.IsEmpty ? $"{keys.Zone} has no keys" : $"the key of {keys.Zone} is not in every cache yet",
                "'cdn dns keys ZONE' says what is waited for. A DS record that is at the parent before makes the zone fail for some resolvers.");
        }

        if (records.IsEmpty)
        {
            host.Out.WriteLine("; The parent is to have no DS record.");
            host.Out.WriteLine(PlainText.Of($"{keys.Zone}. IN CDS 0 0 0 00"));
            return;
        }

        foreach (string record in records)
        {
            host.Out.WriteLine(PlainText.Of(record));
        }

        foreach (string record in keys.ParentDnskeys)
        {
            host.Out.WriteLine(PlainText.Of(record));
        }

        host.Out.WriteLine($"; The zone has CDS and CDNSKEY records that say the same (RFC 7344).");
    }

    private static string State(DnsKeyView key) =>
        $"{key.State}{(key.SignsZone ? ", signs answers" : "")}{(key.SignsKeys ? ", signs keys" : "")}";
}
