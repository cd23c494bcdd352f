using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Contracts.Config.Scalars;

/// <summary>Host names: letters, digits and hyphens (RFC 1123 §2.1), internationalised ones as A-labels (RFC 5890 §2.3.2.1).</summary>
internal static class HostNames
{
    /// <summary>RFC 1035 §2.3.4: 255 octets on the wire, which is 253 characters of text.</summary>
    private const int MaxLength = 253;

    /// <summary>RFC 1035 §2.3.4.</summary>
    private const int MaxLabelLength = 63;

    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    /// <summary>A host that a site answers for: a name, an IPv4 address, or <c>*.</c> and a name. Given back in lower case.</summary>
    public static readonly ScalarType<string> SiteHost = new(
        "a host name such as www.example.net, *.example.net or 192.0.2.1, without port",
        (string text, out string value) =>
        {
            value = text.ToLowerInvariant();
            if (text == "*")
            {
                return "covers every host: name the hosts of the site, or *. and a domain";
            }

            return value.StartsWith("*.", StringComparison.Ordinal) ? NameProblem(value[2..]) : NameOrAddressProblem(value);
        },
        value => value);

    /// <summary>A domain name without wildcard, in lower case.</summary>
    public static readonly ScalarType<string> Domain = new(
        "a host name such as example.net",
        (string text, out string value) =>
        {
            value = text.ToLowerInvariant();
            return NameProblem(value);
        },
        value => value);

    /// <summary>A name relative to a zone: <c>@</c> for the zone's own name, labels, or <c>*.</c> and labels.</summary>
    public static readonly ScalarType<string> RelativeName = new(
        "@, or a name relative to the zone such as www or *.static",
        (string text, out string value) =>
        {
            value = text.ToLowerInvariant();
            return value switch
            {
                "@" or "*" => null,
                ['*', '.', .. string rest] => LabelsProblem(rest),
                _ => LabelsProblem(value),
            };
        },
        value => value);

    /// <summary>What goes into a <c>Host</c> field: a name or IPv4 address, with a port or without.</summary>
    public static readonly ScalarType<string> HostField = new(
        "a host name, with a port or without",
        (string text, out string value) =>
        {
            value = text.ToLowerInvariant();
            int colon = value.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
            {
                return NameOrAddressProblem(value);
            }

            return Endpoints.TryParsePort(value.AsSpan(colon + 1), out int port) && port > 0
                ? NameOrAddressProblem(value[..colon])
                : "has no valid port after the colon";
        },
        value => value);

    private static string? NameOrAddressProblem(string name) =>
        IPAddress.TryParse(name, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == name
            ? null
            : NameProblem(name);

    private static string? NameProblem(string name)
    {
        string? problem = LabelsProblem(name);
        if (problem is not null)
        {
            return problem;
        }

        // RFC 1123 §2.1: the highest label is alphabetic; one of digits alone is a mistyped address.
        return char.IsAsciiDigit(name[^1]) && !name.AsSpan(name.LastIndexOf('.') + 1).ContainsAnyExceptInRange('0', '9')
            ? "is neither a host name nor a complete IPv4 address"
            : null;
    }

    private static string? LabelsProblem(string name)
    {
        if (name.Length is 0 or > MaxLength)
        {
            return name.Length == 0 ? "is not a host name" : $"is longer than {MaxLength} characters";
        }

        if (name.EndsWith('.'))
        {
            return "ends with a dot: leave it out";
        }

        if (name.Contains("://", StringComparison.Ordinal))
        {
            return "is a URL: give the host name alone";
        }

        if (!System.Text.Ascii.IsValid(name))
        {
            return AsciiForm(name) is string ascii ? $"is not ASCII: write {ascii}" : "is not ASCII";
        }

        foreach (Range label in name.AsSpan().Split('.'))
        {
            if (LabelProblem(name.AsSpan(label)) is string problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? LabelProblem(ReadOnlySpan<char> label)
    {
        if (label.Length is 0 or > MaxLabelLength)
        {
            return label.Length == 0 ? "has an empty label" : $"has a label longer than {MaxLabelLength} characters";
        }

        foreach (char c in label)
        {
            if (c == '*')
            {
                return "has a * that is not its whole first label";
            }

            if (c == ':')
            {
                return "has a port or is an IPv6 address: give the host name alone";
            }

            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
            {
                return "has a character that is no letter, digit or hyphen";
            }
        }

        if (label[0] == '-' || label[^1] == '-')
        {
            return "has a label that begins or ends with a hyphen";
        }

        return label.StartsWith("xn--") && !IsALabel(label) ? "has a label after xn-- that is not valid Punycode" : null;
    }

    private static bool IsALabel(ReadOnlySpan<char> label)
    {
        try
        {
            string text = label.ToString();
            return Idn.GetUnicode(text) != text;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static string? AsciiForm(string name)
    {
        try
        {
            return Idn.GetAscii(name);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
