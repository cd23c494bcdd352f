using System.Collections.Immutable;

namespace OrleansCdn.Silo.Options;

/// <summary>The command line, as configuration keys and flags; nothing is judged but the form.</summary>
internal sealed record SiloArguments
{
    public const string Help = """
        OrleansCdn.Silo runs the control plane of the CDN: config, purges, the HTTP API, and the feed to the edges.

          OrleansCdn.Silo --api 127.0.0.1:8080 --feed 127.0.0.1:8081 --data /var/lib/cdn --tokens /etc/cdn/tokens.json

          --api ADDRESS:PORT      where the HTTP API listens (default 127.0.0.1:8080)
          --feed ADDRESS:PORT     where edges connect (default 127.0.0.1:8081)
          --data DIR              where config and purges are kept
          --tokens FILE           who may use the API
          --name NAME             name of this silo (default: the host's name)
          --api-cert FILE --api-key FILE
                                  PEM; needed when the API listens beyond loopback
          --feed-cert FILE --feed-key FILE --feed-ca FILE
                                  PEM; needed when the feed listens beyond loopback
          --roa-file FILE         JSON of rpki-client or Routinator: what would be announced
                                  RPKI-invalid is refused; read again when it changes
          --purge-log-age AGE     how long purges are remembered, like 30d (the default) or 12h; not
                                  less than 1h, and not more than the last 131,072 entries
          --exit-with-stdin       end when standard input does
          --Section:Key VALUE     any other setting, for example --Logging:LogLevel:Default Debug

          OrleansCdn.Silo --new-token NAME --scopes admin|purge|read[,...]
                                  prints a new token and its entry for the tokens file

        Each option can also be given as an environment variable (Silo__Api, Silo__Feed, Silo__Data, Silo__Tokens, ...).
        """;

    private static readonly ImmutableDictionary<string, string> Keys = ImmutableDictionary.CreateRange(StringComparer.Ordinal,
    [
        KeyValuePair.Create("--api", "Silo:Api"),
        KeyValuePair.Create("--feed", "Silo:Feed"),
        KeyValuePair.Create("--data", "Silo:Data"),
        KeyValuePair.Create("--tokens", "Silo:Tokens"),
        KeyValuePair.Create("--name", "Silo:Name"),
        KeyValuePair.Create("--api-cert", "Silo:ApiCert"),
        KeyValuePair.Create("--api-key", "Silo:ApiKey"),
        KeyValuePair.Create("--feed-cert", "Silo:FeedCert"),
        KeyValuePair.Create("--feed-key", "Silo:FeedKey"),
        KeyValuePair.Create("--feed-ca", "Silo:FeedCa"),
        KeyValuePair.Create("--roa-file", "Silo:RoaFile"),
        KeyValuePair.Create("--purge-log-age", "Silo:PurgeLogAge"),
        KeyValuePair.Create("--new-token", NewTokenKey),
        KeyValuePair.Create("--scopes", ScopesKey),
    ]);

    public const string NewTokenKey = "NewToken";
    public const string ScopesKey = "Scopes";

    public required ImmutableDictionary<string, string?> Settings { get; init; }

    public required bool ShowHelp { get; init; }

    public required bool ExitWithStdin { get; init; }

    public required ImmutableArray<string> Errors { get; init; }

    public static SiloArguments Parse(ReadOnlySpan<string> args)
    {
        var settings = ImmutableDictionary.CreateBuilder<string, string?>(StringComparer.OrdinalIgnoreCase);
        var errors = ImmutableArray.CreateBuilder<string>();
        bool help = false;
        bool exitWithStdin = false;
        for (int i = 0; i < args.Length; i++)
        {
            int equals = args[i].IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? args[i] : args[i][..equals];
            if (name is "--help" or "-h" or "-?")
            {
                help = true;
            }
            else if (name == "--exit-with-stdin")
            {
                exitWithStdin = true;
            }
            else if (!Keys.TryGetValue(name, out string? key) && !IsSetting(name, out key))
            {
                errors.Add($"{name}: no such option; known are {string.Join(", ", Keys.Keys.Order(StringComparer.Ordinal))}, --exit-with-stdin and --help");
                if (equals < 0 && i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal))
                {
                    // Its value is no mistake of its own.
                    i++;
                }
            }
            else if (equals >= 0)
            {
                settings[key] = args[i][(equals + 1)..];
            }
            else if (i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal))
            {
                settings[key] = args[++i];
            }
            else
            {
                errors.Add($"{name}: a value is missing");
            }
        }

        return new SiloArguments
        {
            Settings = settings.ToImmutable(),
            ShowHelp = help,
            ExitWithStdin = exitWithStdin,
            Errors = errors.ToImmutable(),
        };
    }

    private static bool IsSetting(string name, out string key)
    {
        key = name.StartsWith("--", StringComparison.Ordinal) ? name[2..] : "";
        return key.Contains(':', StringComparison.Ordinal);
    }
}
