using System.Buffers.Binary;
using System.Collections.Immutable;
using OrleansCdn.Dns.Edns;
using OrleansCdn.Dns.Steering;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Answering;

public sealed partial class Responder
{
    private const int Ipv6Octets = 16;

    /// <param name="steered">Of the name that the way has come to.</param>
    /// <param name="way">Of a type that can be steered.</param>
    /// <param name="writer">Of the answer.</param>
    /// <param name="isFound">False: no PoP of the visitor's list has records of this type, and the answer is NODATA.</param>
    private PutResult Steer(SteeredName steered, ref AnswerWay way, ref ResponseWriter writer, out bool isFound)
    {
        DnsData data = way.Data;
        (UInt128 address, bool isIpv4, int bits, bool isSubnet) = SteeredNetwork.Of(data, way.From, way.Query.HasClientSubnet ? way.Query.ClientSubnet : null);
        SteeringChoice? choice = null;
        ImmutableArray<int> order = data.DefaultOrder;
        int scope = 0;
        if (data.Steering is SteeringTable table)
        {
            choice = table.Choose(isIpv4, address, bits, out scope);
            order = table.Lists[choice.Value.List].Pops;
        }

        int pop = steered.Choose(way.Type, order, data.Eligible);
        isFound = way.Type == DnsType.Txt ? steered.Explainer is not null : pop >= 0;
        if (!isFound)
        {
            return PutResult.Written;
        }

        // RFC 7871 §7.2.1: an answer by the resolver's address is everybody's; and no more bits are said to count than were looked at.
        _last.Scope = isSubnet ? Math.Min(scope, isIpv4 ? data.SubnetLimits.Ipv4Bits : data.SubnetLimits.Ipv6Bits) : 0;
        _last.Pop = pop;
        counters.Add(DnsCount.Steered);
        CountIf(pop >= 0 && pop < data.Eligible.Length && !data.Eligible[pop], DnsCount.NoneEligible);
        if (way.Type != DnsType.Txt && (way.Type != DnsType.Aaaa || steered.VisitAddresses is null))
        {
            return Put(ref writer, Section.Answer, way.Name, steered.Pops[pop].Find(way.Type)!.View, way);
        }

        var question = new SteeredQuestion
        {
            Name = way.Name,
            Type = way.Type,
            Source = way.From,
            Subnet = way.Query.HasClientSubnet ? way.Query.ClientSubnet : null,
            Address = address,
            IsIpv4 = isIpv4,
            Bits = bits,
            Choice = choice,
            Pop = pop,
            Data = data,
        };
        return PutMade(steered, question, ref way, ref writer);
    }

    private PutResult PutMade(SteeredName steered, in SteeredQuestion question, ref AnswerWay way, ref ResponseWriter writer)
    {
        if (question.Type == DnsType.Txt)
        {
            int length = steered.Explainer!.Explain(question, _made);
            return Put(ref writer, Section.Answer, way.Name, new RrSetView(DnsType.Txt, steered.Ttl, _made.AsSpan(0, length)), way);
        }

        BinaryPrimitives.WriteUInt16BigEndian(_made, Ipv6Octets);
        RrSetView set = steered.VisitAddresses!.TryIssue(question, _made.AsSpan(2, Ipv6Octets))
            ? new RrSetView(DnsType.Aaaa, steered.Ttl, _made.AsSpan(0, 2 + Ipv6Octets))
            : steered.Pops[question.Pop].Aaaa!.View;
        return Put(ref writer, Section.Answer, way.Name, set, way);
    }
}
