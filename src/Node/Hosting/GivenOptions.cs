using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Node.Links;
using OrleansCdn.Node.Tls;

namespace OrleansCdn.Node.Hosting;

/// <summary>The given texts, and where their mistakes go.</summary>
public sealed class GivenOptions(Dictionary<string, string> given, List<string> errors)
{
    /// <summary>Silos of one cluster: at least one per PoP, three to twenty of those.</summary>
    public const int MaxSilos = 64;

    private const int MaxIdChars = 64;

    private static readonly SearchValues<char> IdChars =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    public List<string> Errors => errors;

    public bool Has(string name) => given.ContainsKey(name);

    public bool HasAny(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (Has(name))
            {
                return true;
            }
        }

        return false;
    }

    public string? Text(string name) => given.GetValueOrDefault(name);

    public void Refuse(string reason, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (Has(name))
            {
                errors.Add($"{name} does not belong here: {reason}");
            }
        }
    }

    public string? Required(string name, string value)
    {
        if (string.IsNullOrWhiteSpace(Text(name)))
        {
            errors.Add($"{name} {value} is missing");
            return null;
        }

        return name is "--pop" or "--edge" ? Id(name) : Text(name);
    }

    public string? Id(string name)
    {
        string? text = Text(name);
        if (text is not null && (text.Length is 0 or > MaxIdChars || text.AsSpan().ContainsAnyExcept(IdChars)))
        {
            errors.Add($"{name} '{OneLine.Printable(text)}': an id has 1 to {MaxIdChars} letters, digits, '-', '_' or '.'");
            return null;
        }

        return text;
    }

    public IPEndPoint? Endpoint(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        int colon = text.LastIndexOf(':');
        string host = colon > 0 ? text[..colon] : "";
        bool parsed = IPAddress.TryParse(host == "localhost" ? "127.0.0.1" : host, out IPAddress? address)
            & ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, null, out ushort port);
        bool bracketed = host.StartsWith('[') == (address?.AddressFamily == AddressFamily.InterNetworkV6);
        if (!parsed || !bracketed)
        {
            errors.Add($"{name} '{OneLine.Printable(text)}': give an IP address (IPv6 in brackets) or localhost, and a port: 127.0.0.1:8080 or [::]:80; port 0 takes a free one");
            return null;
        }

        return new IPEndPoint(address!, port);
    }

    /// <summary>The <c>--silo</c> list: <c>https://HOST:PORT</c>, or plain HTTP on loopback.</summary>
    public ImmutableArray<Uri> Silos(LinkFiles? link)
    {
        ImmutableArray<Uri>.Builder silos = ImmutableArray.CreateBuilder<Uri>();
        foreach (string text in (Required("--silo", "URL[,URL...]") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!LinkUrl.TryParse(text, out Uri? url, out string? problem))
            {
                errors.Add($"--silo: {problem}");
            }
            else if (url.Scheme == Uri.UriSchemeHttps && link is null && !HasAny("--peer-certificate", "--peer-key", "--ca"))
            {
                errors.Add($"--silo {text}: a silo asks for this server's certificate: give --peer-certificate, --peer-key and --ca");
            }
            else
            {
                silos.Add(url);
            }
        }

        if (silos.Count > MaxSilos)
        {
            errors.Add($"--silo: {silos.Count} addresses, at most {MaxSilos} are allowed");
        }

        return silos.ToImmutable();
    }

    /// <summary><c>--peer-certificate</c>, <c>--peer-key</c> and <c>--ca</c>; null when none is given.</summary>
    public LinkFiles? Link()
    {
        string[] names = ["--peer-certificate", "--peer-key", "--ca"];
        string[] missing = [.. names.Where(n => !Has(n))];
        if (missing.Length == names.Length)
        {
            return null;
        }

        if (missing.Length > 0)
        {
            errors.Add($"--peer-certificate, --peer-key and --ca belong together: {string.Join(" and ", missing)} missing");
            return null;
        }

        return new LinkFiles(Text(names[0])!, Text(names[1])!, Text(names[2])!);
    }
}
