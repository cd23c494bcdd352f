using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Routing.Catalogue;
using OrleansCdn.Routing.Intent;

namespace OrleansCdn.Routing.Tests;

public sealed class RouteCompilerTests
{
    private static readonly UpstreamConfig Lax = FoundingNetwork.Upstream("lax", "vultr") with { Carriers = [] };
    private static readonly IPNetwork Six = IPNetwork.Parse("2001:db8:1000::/48");

    private static UpstreamConfig Of(string provider, UpstreamKind kind = UpstreamKind.Transit, uint asn = 64515) =>
        Lax with { Provider = provider, Kind = kind, Asn = asn };

    private static RouteIntent Carrier(uint asn, int prepend, bool withdraw = false) => new() { Carriers = [new CarrierIntent(asn, prepend, withdraw)] };

    private static string Communities(CompiledPolicy compiled)
    {
        Assert.True(compiled.Errors.IsEmpty, string.Join('\n', compiled.Errors.Select(e => e.Message)));
        return string.Join(' ', compiled.Routes[0].Communities);
    }

    [Theory]
    [InlineData("vultr", 174, 1, false, "64601:174")]
    [InlineData("vultr", 174, 3, false, "64603:174")]
    [InlineData("vultr", 174, 5, true, "64600:174")]
    [InlineData("vultr", 400000, 0, true, "20473:6000:400000")]
    [InlineData("vultr", 400000, 2, false, "20473:6002:400000")]
    [InlineData("lumen", 174, 4, false, "65004:174")]
    [InlineData("linx", 174, 0, true, "0:174")]
    [InlineData("ntt", 174, 2, false, "65502:174")]
    [InlineData("ntt", 174, 0, true, "65500:174")]
    [InlineData("lumen", 174, 3, false, "65003:174")]
    [InlineData("decix", 65000, 0, true, "0:65000")]
    [InlineData("decix", 400000, 0, true, "64515:0:400000")]
    [InlineData("rs", 174, 0, true, "0:174")]
    [InlineData("rs", 174, 2, false, "64515:102:174")]
    [InlineData("rs", 400000, 0, true, "64515:0:400000")]
    public void A_carrier_is_spoken_of_in_the_providers_words(string provider, uint carrier, int prepend, bool withdraw, string expected) =>
        Assert.Equal(expected, Communities(FoundingNetwork.Compile(Of(provider), Carrier(carrier, prepend, withdraw))));

    [Theory]
    [InlineData("vultr", UpstreamKind.Transit, "20473:6000")]
    [InlineData("cogent", UpstreamKind.Transit, "174:990")]
    [InlineData("123net", UpstreamKind.Transit, "65535:65281")]
    [InlineData("nobody", UpstreamKind.Peer, "65535:65281")]
    [InlineData("decix", UpstreamKind.RouteServer, "64515:65281")]
    public void No_export_is_the_providers_or_the_well_known_one(string provider, UpstreamKind kind, string expected) =>
        Assert.Equal(expected, Communities(FoundingNetwork.Compile(Of(provider, kind), new RouteIntent { NoExport = true })));

    [Fact]
    public void What_cannot_be_said_names_provider_carrier_and_the_nearest_thing()
    {
        Says(Of("vultr"), Carrier(174, 4), PolicyPart.CarrierPrepend, "'prepend 4' for carrier AS174", "provider 'vultr' (Vultr)", "as of 2025-11-12", "Nearest: 'prepend 3' for this carrier");
        Says(Of("ntt"), Carrier(400000, 1), PolicyPart.CarrierPrepend, "65501:{asn}, which holds AS numbers up to 65535", "Nearest: prepend towards this upstream as a whole");
        Says(Of("lumen"), Carrier(174, 0, true), PolicyPart.CarrierWithdraw, "'withdraw' for carrier AS174", "'lumen'", "Nearest: 'prepend 4'");
        Says(Of("cogent"), Carrier(3356, 1), PolicyPart.CarrierPrepend, "'cogent'", "174:3000 to 174:3003", "prepend towards this upstream as a whole");
        Says(Of("decix"), Carrier(3356, 1), PolicyPart.CarrierPrepend, "'decix'", "Nearest: 'withdraw' for this carrier");
        Says(Of("nobody"), Carrier(174, 1), PolicyPart.CarrierPrepend, "no community catalogue of provider 'nobody'", "123net, amsix, arelion");
        Says(Of("cogent"), new RouteIntent { IxpOnly = true }, PolicyPart.IxpOnly, "'ixp-only' cannot be said", "'cogent'");
        Says(Of("rs", UpstreamKind.RouteServer), new RouteIntent { NoExport = true }, PolicyPart.NoExport, "'no-export' cannot be said", "'rs'");
        Says(Of("nobody"), new RouteIntent { IxpOnly = true }, PolicyPart.IxpOnly, "no community catalogue of provider 'nobody'");
    }

    [Fact]
    public void What_takes_two_communities_is_said_with_both()
    {
        CompiledPolicy compiled = FoundingNetwork.Compile(Of("vultr"), new RouteIntent { IxpOnly = true });

        Assert.Equal("20473:6000 20473:6603", Communities(compiled));
        Assert.Contains(compiled.Explanation, line => line.StartsWith("ixp-only (operator): 20473:6000 20473:6603; Vultr, ", StringComparison.Ordinal));
    }

    /// <summary>One of a pair says something else, or nothing; only both together contradict.</summary>
    [Fact]
    public void Raw_communities_contradict_with_all_that_belongs_together()
    {
        ProviderConfig pairs = new()
        {
            Id = "vultr",
            Name = "Pairs",
            Source = "this test",
            Date = new DateOnly(2026, 1, 31),
            EachCarrier = new ProviderCarriersConfig { Withdraw = ["{neighbor}:1 + {neighbor}:{asn}"], Prepend = [["{neighbor}:2+64999:{asn}"]] },
        };
        ProviderCatalogue catalogue = ProviderCatalogue.Shipped.With([pairs]);
        CompiledPolicy With(params string[] raw) =>
            FoundingNetwork.Compile(Of("vultr", asn: 64510) with { Communities = [.. raw.Select(Community.Parse)] }, Carrier(174, 1), catalogue);

        Assert.Equal("64510:2 64999:174", Communities(With()));
        Assert.Equal("64510:1 64510:2 64999:174", Communities(With("64510:1")));
        Assert.Contains("means 'withdraw' for carrier AS174", With("64510:1", "64510:174").Errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_no_session_carries_is_not_announced()
    {
        UpstreamConfig upstream = FoundingNetwork.Upstream("waw", "vultr");
        (DesiredUpstream desired, CompiledPolicy compiled) = RouteCompiler.ToDesired(FoundingNetwork.Config, upstream with { Families = [RouteFamily.Ipv6] }, RouteIntent.Empty, 7);
        (DesiredUpstream both, _) = RouteCompiler.ToDesired(FoundingNetwork.Config, upstream with { Families = [RouteFamily.Ipv4, RouteFamily.Ipv6] }, RouteIntent.Empty, 7);

        Assert.Equal(["2001:db8:1000::/48 0"], FoundingNetwork.Lines(desired.Routes));
        Assert.Contains(compiled.Explanation, line => line.StartsWith("192.0.2.0/24 is not announced: no session", StringComparison.Ordinal));
        Assert.Equal(2, both.Routes.Length);
    }

    private static void Says(UpstreamConfig upstream, RouteIntent intent, PolicyPart part, params string[] parts)
    {
        CompiledPolicy compiled = FoundingNetwork.Compile(upstream, intent);
        PolicyError error = Assert.Single(compiled.Errors);
        Assert.Equal(part, error.Part);
        Assert.All(parts, text => Assert.Contains(text, error.Message, StringComparison.Ordinal));
        Assert.Empty(compiled.Routes);
    }

    [Fact]
    public void What_contradicts_is_refused()
    {
        Says(Of("vultr") with { NoExport = true }, new RouteIntent { IxpOnly = true }, PolicyPart.IxpOnly, "no-export (config)", "ixp-only (operator)", "'vultr'");
        Says(
            Of("vultr") with { Communities = [Community.Parse("64600:174")] },
            Carrier(174, 1),
            PolicyPart.Communities,
            "64600:174 means 'withdraw' for carrier AS174 at 'vultr', and 64601:174 is asked for");
    }

    [Fact]
    public void An_operator_speaks_over_the_config()
    {
        UpstreamConfig upstream = Of("vultr") with
        {
            Prepend = 3,
            NoExport = true,
            Communities = [Community.Parse("64500:1")],
            Carriers = [new CarrierConfig { Name = "cogent", Asn = 174, Prepend = 2, Withdraw = true }],
        };
        Assert.Equal(["2001:db8:1000::/48 3 20473:6000 64500:1 64600:174", "192.0.2.0/24 3 20473:6000 64500:1 64600:174"], FoundingNetwork.Lines(FoundingNetwork.Compile(upstream).Routes));

        var intent = new RouteIntent { Prepend = 0, NoExport = false, Communities = [], Carriers = [new CarrierIntent(174, 1, false)] };
        Assert.Equal(["2001:db8:1000::/48 0 64601:174", "192.0.2.0/24 0 64601:174"], FoundingNetwork.Lines(FoundingNetwork.Compile(upstream, intent).Routes));
    }

    [Fact]
    public void A_prefix_can_differ()
    {
        var intent = new RouteIntent
        {
            GracefulShutdown = true,
            Prefixes = [new PrefixIntent { Prefix = Six, Prepend = 4, Communities = [Community.Parse("64500:1:2")] }, new PrefixIntent { Prefix = IPNetwork.Parse("192.0.2.0/24"), Announce = false }],
        };
        CompiledPolicy compiled = FoundingNetwork.Compile(Lax, intent);

        Assert.Equal(["2001:db8:1000::/48 4 65535:0 64500:1:2"], FoundingNetwork.Lines(compiled.Routes));
        Assert.Contains("prefix 192.0.2.0/24 (operator): withdrawn", compiled.Explanation);
    }

    [Fact]
    public void What_is_withdrawn_needs_no_words()
    {
        CompiledPolicy compiled = FoundingNetwork.Compile(Of("nobody"), Carrier(174, 5) with { Announce = false });

        Assert.Empty(compiled.Routes);
        Assert.Empty(compiled.Errors);
        Assert.Equal(["withdrawn from this upstream (operator)"], compiled.Explanation.ToArray());
    }

    [Fact]
    public void A_carrier_that_is_the_upstream_itself_is_told_by_the_path()
    {
        UpstreamConfig he = FoundingNetwork.Upstream("grr", "hurricane-electric") with { Prepend = 0 };

        Assert.All(FoundingNetwork.Compile(he, Carrier(6939, 2)).Routes, route => Assert.Equal((2, 0), (route.Prepend, route.Communities.Length)));
        Assert.Empty(FoundingNetwork.Compile(he, Carrier(6939, 0, withdraw: true)).Routes);
    }

    /// <summary>Random policies: the same twice, sorted, each community once, within the bounds, and never routes beside errors.</summary>
    [Fact]
    public void Any_policy_compiles_deterministically()
    {
        int seed = System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue);
        var random = new Random(seed);
        string[] providers = [.. ProviderCatalogue.Shipped.All.Select(p => p.Id), "nobody"];
        for (int round = 0; round < 2_000; round++)
        {
            UpstreamConfig upstream = Of(providers[random.Next(providers.Length)], (UpstreamKind)random.Next(3)) with
            {
                Prepend = random.Next(6), NoExport = random.Next(4) == 0, Communities = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Raw(random)).Distinct()],
            };
            var intent = new RouteIntent
            {
                Announce = random.Next(5) == 0 ? random.Next(2) == 0 : null,
                Prepend = random.Next(2) == 0 ? random.Next(6) : null,
                GracefulShutdown = random.Next(2) == 0,
                Carriers = [.. Enumerable.Range(0, random.Next(4)).Select(_ => new CarrierIntent(random.Next(3) == 0 ? 400000u : (uint)random.Next(1, 300), random.Next(4), random.Next(3) == 0)).DistinctBy(c => c.Asn)],
            };
            CompiledPolicy one = FoundingNetwork.Compile(upstream, intent);
            CompiledPolicy shuffled = FoundingNetwork.Compile(
                upstream with { Communities = [.. upstream.Communities.Reverse()] }, intent with { Carriers = [.. intent.Carriers.Reverse()] });

            string what = $"seed {seed}, round {round}";
            Assert.True(FoundingNetwork.Lines(one.Routes).SequenceEqual(FoundingNetwork.Lines(shuffled.Routes)), what);
            Assert.True(one.Routes.IsEmpty || one.Errors.IsEmpty, what);
            foreach (DesiredRoute route in one.Routes)
            {
                Assert.True(route.Prepend is >= 0 and <= ConfigLimits.MaxPrepend, what);
                Assert.True(route.Communities.SequenceEqual(route.Communities.Distinct().Order(Comparer<Community>.Create(Community.Compare))), what);
            }

            Assert.True(one.Errors.All(e => e.Message.Contains($"'{upstream.Provider}'", StringComparison.Ordinal)), what);
        }
    }

    private static Community Raw(Random random) => random.Next(3) switch
    {
        0 => Community.Standard((ushort)random.Next(1, 65000), (ushort)random.Next(65536)),
        1 => Community.Large((uint)random.Next(), (uint)random.Next(), (uint)random.Next()),
        _ => Community.Extended((ulong)random.NextInt64()),
    };
}
