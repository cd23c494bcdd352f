using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Routing.Catalogue;

namespace OrleansCdn.Routing.Intent;

/// <summary>Puts a policy into one provider's communities. What it cannot say is an error, never left out.</summary>
internal sealed class ProviderSpeech(RoutePolicy policy, ProviderConfig? provider, ProviderCatalogue catalogue)
{
    private readonly List<Community> _communities = [];
    private readonly List<string> _explanation = [];
    private readonly List<PolicyError> _errors = [];

    public IEnumerable<Community> Communities => _communities;

    public IEnumerable<string> Explanation => _explanation;

    public ImmutableArray<PolicyError> Errors => [.. _errors];

    /// <summary>A carrier that is the neighbour itself is told by the path.</summary>
    public int NeighborPrepend { get; private set; }

    public bool WithdrawsFromNeighbor { get; private set; }

    private uint Neighbor => policy.Upstream.Asn;

    private string Source => provider is null ? "" : string.Create(CultureInfo.InvariantCulture, $"; {provider.Name}, {provider.Date:yyyy-MM-dd}, {provider.Source}");

    public void SayAll()
    {
        foreach (CarrierPolicy carrier in policy.Carriers)
        {
            Say(carrier);
        }

        SayScopes();
        SayRaw();
    }

    private void Say(CarrierPolicy carrier)
    {
        if (!carrier.Withdraw && carrier.Prepend == 0)
        {
            return;
        }

        if (carrier.Asn == Neighbor || carrier.Asn == provider?.Asn)
        {
            SayToNeighbor(carrier);
        }
        else if (carrier.Withdraw)
        {
            string over = carrier.Prepend > 0 ? string.Create(CultureInfo.InvariantCulture, $", which wins over prepend {carrier.Prepend}") : "";
            Say(carrier, PolicyPart.CarrierWithdraw, $"withdraw{over}", Actions(carrier)?.Withdraw ?? []);
        }
        else
        {
            ImmutableArray<ImmutableArray<string>> prepends = Actions(carrier)?.Prepend ?? [];
            Say(
                carrier,
                PolicyPart.CarrierPrepend,
                string.Create(CultureInfo.InvariantCulture, $"prepend {carrier.Prepend}"),
                carrier.Prepend <= prepends.Length ? prepends[carrier.Prepend - 1] : []);
        }
    }

    private void SayToNeighbor(CarrierPolicy carrier)
    {
        if (carrier.Withdraw)
        {
            WithdrawsFromNeighbor = true;
            _explanation.Add($"carrier {carrier} {RouteCompiler.By(carrier.By)}: withdraw; it is this upstream itself, which is not announced to");
            return;
        }

        NeighborPrepend = Math.Max(NeighborPrepend, carrier.Prepend);
        _explanation.Add(string.Create(
            CultureInfo.InvariantCulture, $"carrier {carrier} {RouteCompiler.By(carrier.By)}: prepend {carrier.Prepend}; it is this upstream itself, so the path says it"));
    }

    private void Say(CarrierPolicy carrier, PolicyPart part, string what, ImmutableArray<string> templates)
    {
        ImmutableArray<Community> said = CommunityTemplate.First(templates, carrier.Asn, Neighbor);
        if (said.IsEmpty)
        {
            _errors.Add(new PolicyError(part, carrier, PolicyErrorTexts.Carrier(policy, provider, catalogue, carrier, what, templates)));
            return;
        }

        Add($"carrier {carrier}", carrier.By, said, Source, what);
        Contradictions(carrier, said);
    }

    /// <summary>A raw community that says something else of the same carrier, by itself or with other raw ones.</summary>
    private void Contradictions(CarrierPolicy carrier, ImmutableArray<Community> said)
    {
        foreach (Community raw in policy.Communities.Value.Except(said))
        {
            if (provider is not null && CommunityReading.Of(provider, carrier.Asn, Neighbor, raw, policy.Communities.Value) is { } other)
            {
                _errors.Add(new PolicyError(
                    PolicyPart.Communities,
                    null,
                    $"the community {raw} means '{other}' for carrier {carrier} at '{policy.Upstream.Provider}', and {string.Join(' ', said)} is asked for there: keep one of the two"));
            }
        }
    }

    private void SayScopes()
    {
        if (policy.NoExport.Value && policy.IxpOnly.Value)
        {
            PolicyPart later = policy.NoExport.By == PolicySource.Operator ? PolicyPart.NoExport : PolicyPart.IxpOnly;
            _errors.Add(new PolicyError(
                later,
                null,
                $"no-export {RouteCompiler.By(policy.NoExport.By)} keeps the route within '{policy.Upstream.Provider}', and ixp-only {RouteCompiler.By(policy.IxpOnly.By)} passes it on at exchanges: set one of them to false"));
            return;
        }

        if (policy.NoExport.Value)
        {
            SayNoExport();
        }

        if (policy.IxpOnly.Value)
        {
            if (CommunityTemplate.First(provider?.IxpOnly ?? [], 0, Neighbor) is { IsEmpty: false } own)
            {
                Add("ixp-only", policy.IxpOnly.By, own, Source);
            }
            else
            {
                _errors.Add(new PolicyError(PolicyPart.IxpOnly, null, PolicyErrorTexts.IxpOnly(policy, provider, catalogue)));
            }
        }
    }

    private void SayNoExport()
    {
        if (CommunityTemplate.First(provider?.NoExport ?? [], 0, Neighbor) is { IsEmpty: false } own)
        {
            Add("no-export", policy.NoExport.By, own, Source);
        }
        else if (policy.Upstream.Kind != UpstreamKind.RouteServer)
        {
            Add("no-export", policy.NoExport.By, [Community.NoExport], " (RFC 1997)");
        }
        else
        {
            // A route server may obey it or hand it on to its members (RFC 7947 §2.2.4 leaves communities to it).
            _errors.Add(new PolicyError(PolicyPart.NoExport, null, PolicyErrorTexts.NoExport(policy, provider, catalogue)));
        }
    }

    private void SayRaw()
    {
        foreach (Community raw in policy.Communities.Value)
        {
            string? meaning = provider?.Known.FirstOrDefault(known => known.Community == raw)?.Meaning;
            Add("community", policy.Communities.By, [raw], meaning is null ? "" : $", which means '{meaning}'{Source}");
        }
    }

    private void Add(string what, PolicySource by, ImmutableArray<Community> communities, string source, string? action = null)
    {
        _communities.AddRange(communities);
        _explanation.Add($"{what} {RouteCompiler.By(by)}: {(action is null ? "" : action + ": ")}{string.Join(' ', communities)}{source}");
    }

    private ProviderCarriersConfig? Actions(CarrierPolicy carrier) => provider is null ? null : CommunityReading.Actions(provider, carrier.Asn);
}
