using System.Security.Cryptography;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Dnssec;

namespace OrleansCdn.Dns.Tests.Dnssec;

internal static class TestKeys
{
    public static ZoneKey Csk() => New(257, signsKeys: true, signsZone: true);

    public static ZoneKey New(ushort flags, bool signsKeys, bool signsZone)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ECParameters parameters = key.ExportParameters(includePrivateParameters: true);
        return new ZoneKey
        {
            Flags = flags,
            PublicKey = Convert.ToBase64String([.. parameters.Q.X!, .. parameters.Q.Y!]),
            PrivateKey = Convert.ToBase64String(parameters.D!),
            SignsKeys = signsKeys,
            SignsZone = signsZone,
        };
    }

    public static byte[] Rdata(ZoneKey key) => Dnskey.Rdata(key.Flags, Convert.FromBase64String(key.PublicKey));

    public static OnlineSigner Signer(byte[] apex, SigningMeans means, params ZoneKey[] keys) =>
        new(apex, new ZoneKeys { Zone = "example.net", Keys = [.. keys] }, means);
}
