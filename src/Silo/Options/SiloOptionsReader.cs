using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansCdn.Contracts.Config.Scalars;
using OrleansCdn.Grains.Purge;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Options;

/// <summary>Reads <see cref="SiloOptions"/> from configuration (command line, environment, appsettings.json) and reports every mistake at once.</summary>
internal sealed class SiloOptionsReader(IConfiguration configuration)
{
    /// <summary>Names stand in logs and answers.</summary>
    private const int MaxNameLength = 64;

    private readonly ImmutableArray<string>.Builder _errors = ImmutableArray.CreateBuilder<string>();

    /// <returns>Options, or every mistake: what, where, and what is allowed.</returns>
    public (SiloOptions? Options, ImmutableArray<string> Errors) Read()
    {
        IPEndPoint? api = EndPoint("Api", "--api", "127.0.0.1:8080");
        IPEndPoint? feed = EndPoint("Feed", "--feed", "127.0.0.1:8081");
        if (api is { Port: > 0 } && api.Equals(feed))
        {
            _errors.Add($"--feed {feed}: the API listens there already; give another port");
        }

        CertificateFiles? apiCertificate = Certificate("Api", "--api");
        CertificateFiles? feedCertificate = Certificate("Feed", "--feed");
        string? feedCa = ReadableFile("FeedCa", "--feed-ca", TryLoadCa);
        if (api is not null && !IPAddress.IsLoopback(api.Address) && Text("ApiCert") is null)
        {
            _errors.Add($"--api {api}: tokens must not cross a network in plain text; give --api-cert and --api-key, or listen on 127.0.0.1 behind a proxy that speaks TLS");
        }

        if (feed is not null && !IPAddress.IsLoopback(feed.Address) && Text("FeedCert") is null)
        {
            _errors.Add($"--feed {feed}: beyond loopback the feed needs TLS; give --feed-cert, --feed-key and --feed-ca");
        }

        if (Text("FeedCert") is not null != Text("FeedCa") is not null)
        {
            _errors.Add("--feed-cert and --feed-ca: give both or none; over TLS edges have to show a certificate of that CA");
        }

        string? roaFile = ReadableFile("RoaFile", "--roa-file", check: null);
        TimeSpan purgeLogAge = PurgeLogAge();
        string? data = DataDirectory();
        TokenStore? tokens = Tokens();
        string name = Text("Name") ?? Environment.MachineName;
        if (name.Length > MaxNameLength || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_')))
        {
            _errors.Add($"--name {name}: up to {MaxNameLength} letters, digits, '-', '.' and '_' are allowed");
        }

        SiloOptions? options = _errors.Count > 0 ? null : new SiloOptions
        {
            Name = name,
            Api = api!,
            ApiCertificate = apiCertificate,
            Feed = feed!,
            FeedCertificate = feedCertificate,
            FeedCa = feedCa,
            Data = data!,
            Tokens = tokens!,
            RoaFile = roaFile,
            PurgeLog = new PurgeLogOptions(purgeLogAge),
        };
        return (options, _errors.ToImmutable());
    }

    private string? Text(string key) => configuration[$"Silo:{key}"] is { Length: > 0 } text ? text : null;

    private IPEndPoint? EndPoint(string key, string option, string fallback)
    {
        string text = Text(key) ?? fallback;
        string address = text.StartsWith("localhost:", StringComparison.Ordinal) ? "127.0.0.1" + text["localhost".Length..] : text;
        bool hasPort = address.StartsWith('[') ? address.Contains("]:", StringComparison.Ordinal) : address.Count(c => c == ':') == 1;
        if (hasPort && IPEndPoint.TryParse(address, out IPEndPoint? endPoint))
        {
            return endPoint;
        }

        _errors.Add($"{option} {text}: expected ADDRESS:PORT, for example {fallback} or [::1]:8080");
        return null;
    }

    private CertificateFiles? Certificate(string key, string option)
    {
        string? certificate = ReadableFile(key + "Cert", option + "-cert", check: null);
        string? privateKey = ReadableFile(key + "Key", option + "-key", check: null);
        if (Text(key + "Cert") is not null != Text(key + "Key") is not null)
        {
            _errors.Add($"{option}-cert and {option}-key: give both or none");
        }

        if (certificate is null || privateKey is null)
        {
            return null;
        }

        try
        {
            X509Certificate2.CreateFromPemFile(certificate, privateKey).Dispose();
            return new CertificateFiles(certificate, privateKey);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            _errors.Add($"{option}-cert {certificate} and {option}-key {privateKey}: not a PEM certificate with its private key ({error.Message})");
            return null;
        }
    }

    private static string? TryLoadCa(string file)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(file);
            return certificates.Count > 0 ? null : "it holds no PEM certificate";
        }
        catch (CryptographicException error)
        {
            return $"not a PEM certificate ({error.Message})";
        }
    }

    private string? ReadableFile(string key, string option, Func<string, string?>? check)
    {
        if (Text(key) is not { } path)
        {
            return null;
        }

        try
        {
            File.OpenRead(path).Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _errors.Add($"{option} {path}: cannot be read ({error.Message})");
            return null;
        }

        if (check?.Invoke(path) is { } wrong)
        {
            _errors.Add($"{option} {path}: {wrong}");
            return null;
        }

        return path;
    }

    private TimeSpan PurgeLogAge()
    {
        ScalarType<TimeSpan> age = Durations.Between(PurgeLogOptions.MinAge, PurgeLogOptions.MaxAge);
        TimeSpan value = PurgeLogOptions.DefaultAge;
        if (Text("PurgeLogAge") is { } text && age.Parse(text, out value) is { } wrong)
        {
            _errors.Add($"--purge-log-age {text}: {wrong}; give {age.Allowed}");
        }

        return value;
    }

    private string? DataDirectory()
    {
        if (Text("Data") is not { } path)
        {
            _errors.Add("--data: give the directory where config and purges are kept, for example --data /var/lib/cdn");
            return null;
        }

        try
        {
            return Directory.CreateDirectory(path).FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _errors.Add($"--data {path}: cannot be created ({error.Message})");
            return null;
        }
    }

    private TokenStore? Tokens()
    {
        if (Text("Tokens") is not { } path)
        {
            _errors.Add("--tokens: give the file that says who may use the API; OrleansCdn.Silo --new-token NAME --scopes admin makes an entry");
            return null;
        }

        (TokenStore? store, ImmutableArray<string> errors) = TokenFile.Read(path);
        _errors.AddRange(errors.Select(error => $"--tokens {path}: {error}"));
        return store;
    }
}
