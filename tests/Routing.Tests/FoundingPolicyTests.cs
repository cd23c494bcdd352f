using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Routing.Intent;

namespace OrleansCdn.Routing.Tests;

/// <summary>What each upstream of the founding network is to see, written down.</summary>
public sealed class FoundingPolicyTests
{
    [Theory]
    [InlineData("waw", "vultr", "0")]
    [InlineData("lax", "vultr", "0 64600:2914 64601:174 64601:3356 64601:7018")]
    [InlineData("grr", "hurricane-electric", "1")]
    [InlineData("grr", "123net", "0")]
    public void Its_policy_is_these_communities(string pop, string upstream, string expected)
    {
        CompiledPolicy compiled = FoundingNetwork.Compile(FoundingNetwork.Upstream(pop, upstream));

        Assert.Empty(compiled.Errors);
        Assert.Equal([$"2001:db8:1000::/48 {expected}", $"192.0.2.0/24 {expected}"], FoundingNetwork.Lines(compiled.Routes));
    }

    [Fact]
    public void What_was_asked_is_explained_with_who_asked_and_where_it_is_published()
    {
        var intent = new RouteIntent { Prepend = 2, Carriers = [new CarrierIntent(1299, 3, false)], Communities = [Community.Parse("20473:6601")] };

        CompiledPolicy compiled = FoundingNetwork.Compile(FoundingNetwork.Upstream("lax", "vultr"), intent);

        const string Source = "Vultr, 2025-11-12, https://docs.vultr.com/products/network/bgp/asn-information/as20473-bgp-communities-customer-guide";
        Assert.Equal(
            [
                "announced (config)",
                "prepend 2 (operator): AS64500 stands 3 times in the path",
                $"carrier cogent (AS174) (config): prepend 1: 64601:174; {Source}",
                $"carrier arelion (AS1299) (operator): prepend 3: 64603:1299; {Source}",
                $"carrier ntt (AS2914) (config): withdraw, which wins over prepend 1: 64600:2914; {Source}",
                $"carrier level3 (AS3356) (config): prepend 1: 64601:3356; {Source}",
                $"carrier att (AS7018) (config): prepend 1: 64601:7018; {Source}",
                $"community (operator): 20473:6601, which means 'do not announce to peers at internet exchanges'; {Source}",
            ],
            compiled.Explanation.ToArray());
    }

    [Fact]
    public void Sessions_are_the_configs_and_held_by_the_servers_that_it_names()
    {
        DesiredUpstream waw = RouteCompiler.ToDesired(FoundingNetwork.Config, FoundingNetwork.Upstream("waw", "vultr"), RouteIntent.Empty, 7).Desired;
        DesiredUpstream lax = RouteCompiler.ToDesired(FoundingNetwork.Config, FoundingNetwork.Upstream("lax", "vultr"), RouteIntent.Empty, 8).Desired;

        Assert.Equal((7, 64515u, "vultr"), (waw.Revision, waw.Asn, waw.Id));
        Assert.Equal(
            ("[2001:db8::ffff]:179", false, true, 2, TimeSpan.FromSeconds(30)),
            (waw.Sessions[0].Neighbor.ToString(), waw.Sessions[0].Ipv4, waw.Sessions[0].Ipv6, waw.Sessions[0].Hops, waw.Sessions[0].HoldTime));
        Assert.Equal(("169.254.169.254:1179", true, false), (lax.Sessions[0].Neighbor.ToString(), lax.Sessions[0].Ipv4, lax.Sessions[0].Ipv6));
        UpstreamConfig upstream = FoundingNetwork.Upstream("lax", "vultr");
        Assert.Equal([false, true], new[] { "lax1", "lax2" }.Select(upstream.IsHeldBy));
        Assert.True(FoundingNetwork.Upstream("waw", "vultr").IsHeldBy("waw1"));
    }

    [Theory]
    [InlineData("", "2001:db8::1", "2001:db8:1000::/48 192.0.2.0/24", false, true)]
    [InlineData("", "192.0.2.1", "2001:db8:1000::/48", false, true)]
    [InlineData("", "2001:db8::1", "192.0.2.0/24", true, false)]
    [InlineData("", "192.0.2.1", "", true, false)]
    [InlineData("ipv4 ipv6", "2001:db8::1", "192.0.2.0/24", true, true)]
    public void Families_are_those_given_or_the_neighbours_or_the_prefixes(string given, string neighbor, string prefixes, bool ipv4, bool ipv6)
    {
        UpstreamConfig upstream = FoundingNetwork.Upstream("waw", "vultr") with
        {
            Neighbors = [new System.Net.IPEndPoint(System.Net.IPAddress.Parse(neighbor), 179)],
            Families = [.. given.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(f => Enum.Parse<RouteFamily>(f, ignoreCase: true))],
        };
        DesiredSession session = SessionPlan.Of(upstream, [.. prefixes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(System.Net.IPNetwork.Parse)])[0];

        Assert.Equal((ipv4, ipv6), (session.Ipv4, session.Ipv6));
    }
}
