using System.Buffers.Binary;
using System.Security.Cryptography;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Dnssec;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;
using OrleansCdn.Testing;

namespace OrleansCdn.Dns.Tests.Dnssec;

public sealed class OnlineSignerTests
{
    private const uint Now = 1_800_000_000;

    private static readonly byte[] s_apex = NameText.Parse("example.net.");

    private readonly FakeTimeProvider _time = new();

    private static RrSet Address(byte last, uint ttl = 60) => RrSet.Of(DnsType.A, ttl, [[192, 0, 2, last]]);

    [Fact]
    public void A_signature_is_made_once_and_then_remembered()
    {
        var means = new SigningMeans(_time);
        OnlineSigner signer = TestKeys.Signer(s_apex, means, TestKeys.Csk());
        byte[] first = Sign(signer, "www.example.net.", Address(1));
        Assert.Equal(first, Sign(signer, "www.example.net.", Address(1)));
        Assert.Equal(1, means.Made);
        Assert.NotEqual(first, Sign(signer, "www.example.net.", Address(2)));
        Assert.NotEqual(first, Sign(signer, "web.example.net.", Address(1)));
        Assert.NotEqual(first, Sign(signer, "www.example.net.", Address(1, ttl: 61)));
        Assert.Equal(4, means.Made);
    }

    [Fact]
    public void Another_key_has_signatures_of_its_own_in_the_same_memory()
    {
        var means = new SigningMeans(_time);
        ZoneKey one = TestKeys.Csk();
        ZoneKey other = TestKeys.Csk();
        Sign(TestKeys.Signer(s_apex, means, one), "www.example.net.", Address(1));
        byte[] rrsig = Sign(TestKeys.Signer(s_apex, means, other), "www.example.net.", Address(1));
        Assert.True(SignatureVerifier.Verify("www.example.net.", 1, [[192, 0, 2, 1]], rrsig, TestKeys.Rdata(other)));
    }

    /// <summary>Tags have 16 bits: two keys of a zone's history can have the same one.</summary>
    [Fact]
    public void A_key_with_the_same_tag_has_signatures_of_its_own()
    {
        var byTag = new Dictionary<ushort, ZoneKey>();
        ZoneKey one = TestKeys.Csk();
        ZoneKey other = one;
        while (ReferenceEquals(one, other))
        {
            one = TestKeys.Csk();
            other = byTag.TryAdd(Dnskey.Tag(TestKeys.Rdata(one)), one) ? one : byTag[Dnskey.Tag(TestKeys.Rdata(one))];
        }

        var means = new SigningMeans(_time);
        Sign(TestKeys.Signer(s_apex, means, one), "www.example.net.", Address(1));
        byte[] rrsig = Sign(TestKeys.Signer(s_apex, means, other), "www.example.net.", Address(1));
        Assert.True(SignatureVerifier.Verify("www.example.net.", 1, [[192, 0, 2, 1]], rrsig, TestKeys.Rdata(other)));
    }

    [Fact]
    public void Signatures_count_from_an_hour_ago_for_a_week_at_least_and_two_at_most()
    {
        OnlineSigner signer = TestKeys.Signer(s_apex, new SigningMeans(_time), TestKeys.Csk());
        var ends = new HashSet<uint>();
        for (uint now = Now; now < Now + (30 * 86_400); now += 3_517)
        {
            byte[] rrsig = Sign(signer, "www.example.net.", Address(1), now);
            uint expiration = BinaryPrimitives.ReadUInt32BigEndian(rrsig.AsSpan(8));
            uint inception = BinaryPrimitives.ReadUInt32BigEndian(rrsig.AsSpan(12));
            Assert.InRange(inception, now - (8 * 86_400), now - 3600);
            Assert.InRange(expiration, now + (7 * 86_400), now + (14 * 86_400));
            ends.Add(expiration);
        }

        Assert.InRange(ends.Count, 4, 6);
    }

    [Fact]
    public void Two_nameservers_sign_for_the_same_time_and_different_names_at_different_times()
    {
        ZoneKey key = TestKeys.Csk();
        OnlineSigner here = TestKeys.Signer(s_apex, new SigningMeans(_time), key);
        OnlineSigner there = TestKeys.Signer(s_apex, new SigningMeans(_time), key);
        var starts = new HashSet<uint>();
        for (int i = 0; i < 50; i++)
        {
            byte[] one = Sign(here, $"n{i}.example.net.", Address(1));
            byte[] other = Sign(there, $"n{i}.example.net.", Address(1), Now + 1);
            Assert.Equal(one[..18], other[..18]);
            starts.Add(BinaryPrimitives.ReadUInt32BigEndian(one.AsSpan(12)));
        }

        Assert.True(starts.Count > 40, $"{starts.Count} different beginnings");
    }

    [Fact]
    public void A_flood_of_names_that_do_not_exist_leaves_signatures_for_those_that_do()
    {
        var means = new SigningMeans(_time, signaturesPerSecond: 40);
        OnlineSigner signer = TestKeys.Signer(s_apex, means, TestKeys.Csk());
        int denied = Enumerable.Range(0, 100).Count(i => Sign(signer, $"x{i}.example.net.", RrSet.Of(DnsType.Nsec, 60, [[0, 0, 1, 64]])).Length > 0);
        Assert.Equal(30, denied);
        int answered = Enumerable.Range(0, 100).Count(i => Sign(signer, $"a{i}.example.net.", Address(1)).Length > 0);
        Assert.Equal(10, answered);
        Assert.Equal(160, means.Shed);
        Assert.NotEmpty(Sign(signer, "a0.example.net.", Address(1))); // what is remembered costs nothing
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEmpty(Sign(signer, "x99.example.net.", RrSet.Of(DnsType.Nsec, 60, [[0, 0, 1, 64]])));
    }

    [Fact]
    public void Keys_are_signed_by_the_keys_for_that_and_answers_by_the_others()
    {
        ZoneKey ksk = TestKeys.New(257, signsKeys: true, signsZone: false);
        ZoneKey zsk = TestKeys.New(256, signsKeys: false, signsZone: true);
        OnlineSigner signer = TestKeys.Signer(s_apex, new SigningMeans(_time), ksk, zsk);
        byte[] ofKeys = Sign(signer, "example.net.", signer.KeySet(DnsType.DnsKey)!);
        byte[] ofAnswer = Sign(signer, "www.example.net.", Address(1));
        Assert.True(SignatureVerifier.Verify("example.net.", 48, [TestKeys.Rdata(ksk), TestKeys.Rdata(zsk)], ofKeys, TestKeys.Rdata(ksk)));
        Assert.True(SignatureVerifier.Verify("www.example.net.", 1, [[192, 0, 2, 1]], ofAnswer, TestKeys.Rdata(zsk)));
    }

    [Fact]
    public void Both_keys_of_a_change_sign_the_keys()
    {
        ZoneKey one = TestKeys.Csk();
        ZoneKey next = TestKeys.New(257, signsKeys: true, signsZone: false);
        OnlineSigner signer = TestKeys.Signer(s_apex, new SigningMeans(_time), one, next);
        byte[] room = new byte[1024];
        int length = signer.Sign(s_apex, signer.KeySet(DnsType.DnsKey)!.View, Now, room);
        int first = BinaryPrimitives.ReadUInt16BigEndian(room);
        byte[][] keys = [TestKeys.Rdata(one), TestKeys.Rdata(next)];
        Assert.True(SignatureVerifier.Verify("example.net.", 48, keys, room[2..(2 + first)], keys[0]));
        Assert.True(SignatureVerifier.Verify("example.net.", 48, keys, room[(4 + first)..length], keys[1]));
    }

    [Fact]
    public void A_wildcard_that_is_asked_for_by_its_name_does_not_count_its_asterisk()
    {
        ZoneKey key = TestKeys.Csk();
        byte[] rrsig = Sign(TestKeys.Signer(s_apex, new SigningMeans(_time), key), "*.w.example.net.", Address(1));
        Assert.Equal(3, rrsig[3]);
        Assert.True(SignatureVerifier.Verify("*.w.example.net.", 1, [[192, 0, 2, 1]], rrsig, TestKeys.Rdata(key)));
        Assert.True(SignatureVerifier.Verify("foo.w.example.net.", 1, [[192, 0, 2, 1]], rrsig, TestKeys.Rdata(key)));
    }

    [Fact]
    public void Without_keys_nothing_is_signed_and_broken_keys_say_so()
    {
        var means = new SigningMeans(_time);
        Assert.False(new OnlineSigner(s_apex, null, means).CanSign);
        ZoneKey key = TestKeys.Csk();
        Assert.ThrowsAny<CryptographicException>(() => TestKeys.Signer(s_apex, means, key with { PrivateKey = TestKeys.Csk().PublicKey }));
        Assert.ThrowsAny<CryptographicException>(() => TestKeys.Signer(s_apex, means, key with { SignsZone = false }));
        Assert.ThrowsAny<CryptographicException>(() => TestKeys.Signer(s_apex, means, key with { PublicKey = Convert.ToBase64String(new byte[64]) }));
        Assert.ThrowsAny<CryptographicException>(() => TestKeys.Signer(s_apex, means, key with { PrivateKey = TestKeys.Csk().PrivateKey }));
    }

    [Fact]
    public void Records_in_another_order_have_the_same_signature()
    {
        var means = new SigningMeans(_time);
        OnlineSigner signer = TestKeys.Signer(s_apex, means, TestKeys.Csk());
        byte[] room = new byte[512];
        int one = signer.Sign(s_apex, new RrSetView(DnsType.A, 60, [0, 4, 192, 0, 2, 9, 0, 4, 192, 0, 2, 1]), Now, room);
        byte[] first = room[..one];
        int other = signer.Sign(s_apex, new RrSetView(DnsType.A, 60, [0, 4, 192, 0, 2, 1, 0, 4, 192, 0, 2, 9]), Now, room);
        Assert.Equal(first, room[..other]);
        Assert.Equal(1, means.Made);
    }

    [Fact]
    public async Task Threads_sign_at_once_and_every_signature_holds()
    {
        ZoneKey key = TestKeys.Csk();
        OnlineSigner signer = TestKeys.Signer(s_apex, new SigningMeans(_time, signaturesPerSecond: 100_000), key);
        var signed = new System.Collections.Concurrent.ConcurrentBag<(string Name, byte[] Rrsig)>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                string name = $"n{(i * (thread + 1)) % 97}.example.net.";
                byte[] rrsig = Sign(signer, name, Address(1));
                if (rrsig.Length > 0)
                {
                    signed.Add((name, rrsig));
                }
            }
        })));
        Assert.True(signed.Count > 200, $"{signed.Count} of 1600");
        Assert.All(signed, s => Assert.True(SignatureVerifier.Verify(s.Name, 1, [[192, 0, 2, 1]], s.Rrsig, TestKeys.Rdata(key))));
    }

    private static byte[] Sign(OnlineSigner signer, string owner, RrSet set, uint now = Now)
    {
        byte[] room = new byte[1024];
        int length = signer.Sign(NameText.Parse(owner), set.View, now, room);
        return length == 0 ? [] : room[2..length];
    }
}
