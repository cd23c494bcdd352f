using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Wire;

/// <summary>How an UPDATE is to be taken: RFC 7606 §2.</summary>
public enum UpdateStatus
{
    Ok,

    /// <summary>An attribute is malformed: what it announces counts as withdrawn.</summary>
    TreatAsWithdraw,

    /// <summary>Its prefixes cannot be read: the session ends with <see cref="UpdateReadResult.Error"/>.</summary>
    SessionReset,
}

/// <param name="Status">What is to be done with it.</param>
/// <param name="Update">With <see cref="UpdateStatus.TreatAsWithdraw"/> all its prefixes are in <see cref="UpdateMessage.Withdrawn"/>. Empty on a reset.</param>
/// <param name="Error">Only with <see cref="UpdateStatus.SessionReset"/>.</param>
public readonly record struct UpdateReadResult(UpdateStatus Status, UpdateMessage Update, BgpNotification? Error);

/// <summary>
/// Reads UPDATEs of both families (RFC 4271 §4.3, RFC 4760), as forgiving as RFC 7606 asks. Announcers only count them;
/// this is for who wants to know what was said.
/// </summary>
public static class UpdateReader
{
    private static readonly BgpNotification MalformedList = BgpNotification.Of(NotificationCode.UpdateMessage, 1);
    private static readonly BgpNotification BadNetwork = BgpNotification.Of(NotificationCode.UpdateMessage, 10);
    private static readonly BgpNotification BadOptional = BgpNotification.Of(NotificationCode.UpdateMessage, 9);

    /// <param name="body">Of the message, without header.</param>
    /// <param name="isFourOctet">RFC 6793: both sides know AS numbers of four octets.</param>
    public static UpdateReadResult Read(ReadOnlySpan<byte> body, bool isFourOctet)
    {
        if (!TryTake(ref body, out ReadOnlySpan<byte> withdrawn) || !TryTake(ref body, out ReadOnlySpan<byte> attributes))
        {
            return Reset(MalformedList);
        }

        var prefixes = new Prefixes();
        if (!prefixes.AddWithdrawn(withdrawn, AddressFamily.Ipv4Unicast) || !prefixes.AddAnnounced(body, AddressFamily.Ipv4Unicast))
        {
            return Reset(BadNetwork);
        }

        var reader = new AttributeReader(isFourOctet, prefixes);
        bool hasIpv4 = !body.IsEmpty;
        if (reader.Read(attributes, out bool isTruncated) is { } error)
        {
            return Reset(error);
        }

        if (withdrawn.IsEmpty && body.IsEmpty && (attributes.IsEmpty || reader.IsEmptyUnreach))
        {
            return new UpdateReadResult(UpdateStatus.Ok, new UpdateMessage { EndOfRib = attributes.IsEmpty ? AddressFamily.Ipv4Unicast : reader.UnreachFamily }, null);
        }

        UpdateMessage update = reader.Message();
        if (prefixes.Announced.Count == 0 || !(isTruncated || reader.IsMalformed || reader.LacksMandatory(hasIpv4)))
        {
            return new UpdateReadResult(UpdateStatus.Ok, update with { Withdrawn = [.. prefixes.Withdrawn], Announced = [.. prefixes.Announced] }, null);
        }

        return new UpdateReadResult(UpdateStatus.TreatAsWithdraw, new UpdateMessage { Withdrawn = [.. prefixes.Withdrawn.Union(prefixes.Announced)] }, null);
    }

    private static UpdateReadResult Reset(BgpNotification error) => new(UpdateStatus.SessionReset, new UpdateMessage(), error);

    /// <summary>A field behind its two octets of length.</summary>
    private static bool TryTake(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> field)
    {
        field = default;
        if (rest.Length < 2 || BinaryPrimitives.ReadUInt16BigEndian(rest) is var length && length > rest.Length - 2)
        {
            return false;
        }

        field = rest.Slice(2, length);
        rest = rest[(2 + length)..];
        return true;
    }

    internal sealed class Prefixes
    {
        public List<IPNetwork> Withdrawn { get; } = [];

        public List<IPNetwork> Announced { get; } = [];

        public bool AddWithdrawn(ReadOnlySpan<byte> field, AddressFamily family) => Add(field, family, Withdrawn);

        public bool AddAnnounced(ReadOnlySpan<byte> field, AddressFamily family) => Add(field, family, Announced);

        private static bool Add(ReadOnlySpan<byte> field, AddressFamily family, List<IPNetwork> to)
        {
            while (!field.IsEmpty)
            {
                if (!PrefixCodec.TryRead(ref field, family, out IPNetwork prefix))
                {
                    return false;
                }

                to.Add(prefix);
            }

            return true;
        }
    }

    internal static BgpNotification Malformed(AttributeType type) => type is AttributeType.MpReachNlri or AttributeType.MpUnreachNlri ? BadOptional : MalformedList;
}
