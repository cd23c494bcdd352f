using System.Collections.Immutable;

namespace OrleansCdn.Internet.Graph;

/// <summary>One autonomous system.</summary>
/// <param name="Asn">Its number in AS paths.</param>
/// <param name="Name">What people call it; empty: only the number is known.</param>
/// <param name="IsVantage">It stands in tables: visitors are behind it.</param>
/// <param name="Places">Where it meets others; empty: not known.</param>
public sealed record Network(uint Asn, string Name, bool IsVantage, ImmutableArray<Place> Places)
{
    public override string ToString() => Name.Length == 0 ? $"AS{Asn}" : $"{Name} (AS{Asn})";
}

/// <summary>Who pays whom, seen from one of two networks (Gao, 2001).</summary>
public enum Relation
{
    Provider,
    Peer,
    Customer,
}

/// <summary>Two networks that exchange routes.</summary>
/// <param name="First">Of a customer link, the provider.</param>
/// <param name="Second">Of a customer link, the customer.</param>
/// <param name="ArePeers">False: the second is a customer of the first.</param>
/// <param name="IsAtExchange">They meet at an internet exchange: what is passed on at exchanges alone goes over it.</param>
public readonly record struct NetworkLink(uint First, uint Second, bool ArePeers, bool IsAtExchange);

/// <summary>Where an operator has a session with a network.</summary>
/// <param name="Asn">The network's number in AS paths.</param>
/// <param name="At">The PoP.</param>
/// <param name="Carriers">Networks that the operator knows to be behind it there; empty: nothing is said of it.</param>
public sealed record SessionPlace(uint Asn, Place At, ImmutableArray<uint> Carriers);
