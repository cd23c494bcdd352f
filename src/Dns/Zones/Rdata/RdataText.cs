using System.Collections.Frozen;
using System.Globalization;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones.Master;

namespace OrleansCdn.Dns.Zones.Rdata;

/// <summary>Data of records, from the text of its type to canonical octets.</summary>
internal static class RdataText
{
    /// <summary>Our own: addresses of another name of this CDN where a CNAME cannot be, at the apex above all.</summary>
    public const string Alias = "ALIAS";

    /// <summary>RDLENGTH has 16 bits; beyond half of it no answer could hold the record beside anything else.</summary>
    private const int MaxLength = 32_767;

    private static readonly FrozenDictionary<DnsType, Action<RdataFields>> s_forms = new Dictionary<DnsType, Action<RdataFields>>
    {
        [DnsType.A] = fields => fields.Ipv4(),
        [DnsType.Aaaa] = fields => fields.Ipv6(),
        [DnsType.Ns] = fields => fields.Name("nameserver"),
        [DnsType.CName] = fields => fields.Name("target"),
        [DnsType.PtrRecord] = fields => fields.Name("name"),
        [DnsType.Soa] = Soa,
        [DnsType.HInfo] = fields =>
        {
            fields.String("CPU");
            fields.String("operating system");
        },
        [DnsType.Mx] = fields =>
        {
            fields.U16("preference");
            fields.Name("mail server");
        },
        [DnsType.Txt] = Txt,
        [DnsType.Loc] = LocText.Read,
        [DnsType.Srv] = fields =>
        {
            fields.U16("priority");
            fields.U16("weight");
            fields.U16("port");
            fields.Name("target");
        },
        [DnsType.Naptr] = fields =>
        {
            fields.U16("order");
            fields.U16("preference");
            fields.String("flags");
            fields.String("services");
            fields.String("regular expression");
            fields.Name("replacement");
        },
        [DnsType.Ds] = fields =>
        {
            fields.U16("key tag");
            fields.U8("algorithm");
            fields.U8("digest type");
            fields.Hex("digest");
        },
        [DnsType.SshFp] = fields =>
        {
            fields.U8("algorithm");
            fields.U8("fingerprint type");
            fields.Hex("fingerprint");
        },
        [DnsType.Tlsa] = fields =>
        {
            fields.U8("certificate usage");
            fields.U8("selector");
            fields.U8("matching type");
            fields.Hex("certificate association");
        },
        [DnsType.Caa] = Caa,
        [DnsType.Svcb] = SvcbText.Read,
        [DnsType.Https] = SvcbText.Read,
    }.ToFrozenDictionary();

    /// <summary>Types that are not data of a zone, or that this server makes itself.</summary>
    private static string? Refusal(DnsType type) => type switch
    {
        DnsType.RrSig or DnsType.Nsec or DnsType.Nsec3 or DnsType.Nsec3Param or DnsType.DnsKey or DnsType.Cds or DnsType.CDnsKey =>
            "is made by the server when the zone has dnssec: true",
        DnsType.DName => "is not answered by this server",
        DnsType.None or DnsType.Opt or (>= DnsType.NxName and <= DnsType.Any) => "is a type of messages, not of zones",
        _ => null,
    };

    /// <returns>False: <see cref="RdataFields.Problem"/> says why.</returns>
    public static bool TryRead(MasterToken typeToken, RdataFields fields, out DnsType type, out byte[] rdata)
    {
        type = DnsType.None;
        rdata = [];
        if (typeToken.Is(Alias))
        {
            fields.Name("target");
        }
        else if (typeToken.IsQuoted || !DnsTypeText.TryParse(typeToken.Text, out type))
        {
            fields.Fail(typeToken.Text, "is no type", "a record is NAME TTL TYPE DATA; unknown types are written TYPE1234 \\# LENGTH HEX (RFC 3597)");
        }
        else if (Refusal(type) is string refusal)
        {
            fields.Fail(typeToken.Text, refusal, "leave the record out");
        }
        else
        {
            ReadData(type, typeToken, fields);
        }

        fields.End();
        rdata = fields.Octets;
        if (rdata.Length > MaxLength)
        {
            fields.Fail(typeToken.Text, $"has more than {MaxLength} octets of data", null);
        }

        return fields.IsRight;
    }

    private static void ReadData(DnsType type, MasterToken typeToken, RdataFields fields)
    {
        if (!fields.IsGeneric)
        {
            if (s_forms.TryGetValue(type, out Action<RdataFields>? form))
            {
                form(fields);
            }
            else
            {
                fields.Fail(typeToken.Text, "has no form of its own here", "write \\# LENGTH HEX (RFC 3597 §5)");
            }
        }
        else if (s_forms.ContainsKey(type))
        {
            // Names in it would have to be taken apart and made canonical once more, for a form that nobody writes by hand.
            fields.Fail("\\#", $"is for unknown types, and {DnsTypeText.Of(type)} is known", "write the data in its own form");
        }
        else
        {
            Generic(fields);
        }
    }

    /// <summary>RFC 3597 §5.</summary>
    private static void Generic(RdataFields fields)
    {
        fields.Next("\\#");
        MasterToken length = fields.Next("length");
        if (!int.TryParse(length.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int octets) || octets > ushort.MaxValue)
        {
            fields.Fail(length.Text, "is no length", "the number of octets that follow");
            return;
        }

        if (octets > 0)
        {
            fields.Hex("data");
        }

        if (fields.Length != octets)
        {
            fields.Fail(length.Text, $"octets are announced and {fields.Length} follow", null);
        }
    }

    private static void Soa(RdataFields fields)
    {
        fields.Name("primary nameserver");
        fields.Name("hostmaster");
        fields.U32("serial");
        fields.Seconds("refresh time");
        fields.Seconds("retry time");
        fields.Seconds("expire time");
        fields.Seconds("negative TTL");
    }

    private static void Txt(RdataFields fields)
    {
        do
        {
            fields.String("text");
        }
        while (fields.HasMore);
    }

    /// <summary>RFC 8659 §4.1.1: flags, a tag of letters and digits, the value without a length.</summary>
    private static void Caa(RdataFields fields)
    {
        fields.U8("flags");
        MasterToken tag = fields.Next("tag");
        if (tag.Text.Length is 0 or > 255 || tag.Text.Any(c => !char.IsAsciiLetterOrDigit(c)))
        {
            fields.Fail(tag.Text, "is no tag", "issue, issuewild or iodef");
            return;
        }

        fields.Raw([(byte)tag.Text.Length]);
        fields.Raw(fields.Bytes(tag, "tag"));
        fields.Raw(fields.Bytes(fields.Next("value"), "value"));
    }
}
