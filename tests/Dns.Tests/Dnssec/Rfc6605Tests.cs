using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Dnssec;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Tests.Dnssec;

/// <summary>The example of RFC 6605 §6.1: its key, its DS record, and its signature.</summary>
public sealed class Rfc6605Tests
{
    private const string Public = "GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==";
    private const string Private = "GU6SnQ/Ou+xC5RumuIUIuJZteXT2z0O/ok1s38Et6mQ=";
    private const string Signature = "qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==";

    private static readonly byte[] s_apex = NameText.Parse("example.net.");
    private static readonly byte[] s_dnskey = Dnskey.Rdata(257, Convert.FromBase64String(Public));
    private static readonly byte[] s_address = [192, 0, 2, 1];

    private static ZoneKeys Keys => new()
    {
        Zone = "example.net",
        Cds = CdsForm.Keys,
        Keys = [new ZoneKey { Flags = 257, PublicKey = Public, PrivateKey = Private, SignsKeys = true, SignsZone = true, IsAskedFor = true }],
    };

    [Fact]
    public void Its_tag_and_ds_record()
    {
        Assert.Equal(55648, Dnskey.Tag(s_dnskey));
        Assert.Equal(
            "D9600D02" + "B4C8C1FE2E7477127B27115656AD6256F424625BF5C1E2770CE6D6E37DF61D17",
            Convert.ToHexString(DsRecord.Rdata(DsRecord.Owner("example.net"), s_dnskey)));
    }

    [Fact]
    public void The_verifier_of_these_tests_takes_its_signature()
    {
        // A 13 3 3600 20100909100439 20100812100439 55648 example.net.
        byte[] rrsig =
        [
            0, 1, 13, 3, 0, 0, 0x0e, 0x10, .. Time("2010-09-09T10:04:39Z"), .. Time("2010-08-12T10:04:39Z"), 0xd9, 0x60, .. s_apex,
            .. Convert.FromBase64String(Signature),
        ];
        Assert.True(SignatureVerifier.Verify("www.example.net.", 1, [s_address], rrsig, s_dnskey));
        Assert.False(SignatureVerifier.Verify("www.example.net.", 1, [[192, 0, 2, 2]], rrsig, s_dnskey));
    }

    [Fact]
    public void What_is_signed_with_its_key_is_taken_by_that_verifier()
    {
        var signer = new OnlineSigner(s_apex, Keys, new SigningMeans(TimeProvider.System));
        byte[] signatures = new byte[512];
        int length = signer.Sign(NameText.Parse("www.example.net."), RrSet.Of(DnsType.A, 3600, [s_address]).View, 1_281_607_479, signatures);
        byte[] rrsig = signatures[2..length];
        Assert.Equal(length - 2, (signatures[0] << 8) | signatures[1]);
        Assert.True(SignatureVerifier.Verify("www.example.net.", 1, [s_address], rrsig, s_dnskey));
        Assert.Equal([0xd9, 0x60], rrsig[16..18]);
    }

    [Fact]
    public void The_parent_is_asked_for_it_by_cds_and_cdnskey()
    {
        var signer = new OnlineSigner(s_apex, Keys, new SigningMeans(TimeProvider.System));
        Assert.Equal((byte[])[0, 68, .. s_dnskey], signer.KeySet(DnsType.CDnsKey)!.View.Packed.ToArray());
        Assert.Equal((byte[])[0, 68, .. s_dnskey], signer.KeySet(DnsType.DnsKey)!.View.Packed.ToArray());
        Assert.Equal((byte[])[0, 36, .. DsRecord.Rdata(s_apex, s_dnskey)], signer.KeySet(DnsType.Cds)!.View.Packed.ToArray());
    }

    [Fact]
    public void The_parent_is_asked_for_none_in_the_form_of_rfc_8078()
    {
        var signer = new OnlineSigner(s_apex, Keys with { Cds = CdsForm.Delete }, new SigningMeans(TimeProvider.System));
        Assert.Equal([0, 5, 0, 0, 0, 0, 0], signer.KeySet(DnsType.Cds)!.View.Packed.ToArray());
        Assert.Equal([0, 5, 0, 0, 3, 0, 0], signer.KeySet(DnsType.CDnsKey)!.View.Packed.ToArray());
    }

    [Fact]
    public void A_secret_does_not_show_in_a_text() =>
        Assert.DoesNotContain(Private, $"{Keys.Keys[0]} {Keys} {new DnsSecrets { Epoch = "e", Revision = 1, Zones = [Keys], Cookies = new CookieKeys(Private, []) }}", StringComparison.Ordinal);

    private static byte[] Time(string text)
    {
        uint seconds = (uint)DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds();
        return [(byte)(seconds >> 24), (byte)(seconds >> 16), (byte)(seconds >> 8), (byte)seconds];
    }
}
