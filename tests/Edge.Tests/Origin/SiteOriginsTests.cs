using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Tests.Control;

namespace OrleansCdn.Edge.Tests.Origin;

/// <summary>In which order the origins of a site are asked.</summary>
public sealed class SiteOriginsTests
{
    [Fact]
    public void Without_priorities_the_list_is_the_order()
    {
        SiteOrigins origins = Origins(("a", null, 1), ("b", null, 1), ("c", null, 1));
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("abc", Names(origins.Order(0, true)));
        }
    }

    [Fact]
    public void A_given_priority_counts_beside_the_places_of_the_others()
    {
        Assert.Equal("cab", Names(Origins(("a", 2, 1), ("b", 3, 1), ("c", 1, 1)).Order(0, true)));
        Assert.Equal("abc", Names(Origins(("a", null, 1), ("b", null, 1), ("c", 16, 1)).Order(0, true)));
    }

    [Fact]
    public void Origins_of_one_priority_share_by_weight()
    {
        SiteOrigins origins = Origins(("a", 1, 3), ("b", 1, 1), ("z", 2, 100));
        string firsts = string.Concat(Enumerable.Range(0, 4000).Select(_ => Names(origins.Order(0, true))[0]));
        Assert.InRange(firsts.Count(c => c == 'a'), 2990, 3010);
        Assert.InRange(firsts.Count(c => c == 'b'), 990, 1010);
        Assert.DoesNotContain("bb", firsts, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sick_origin_comes_last_and_its_share_goes_to_the_others()
    {
        SiteOrigins origins = Origins(("a", 1, 3), ("b", 1, 1), ("c", 1, 1), ("z", 2, 1));
        Trip(origins, 0);
        string[] orders = [.. Enumerable.Range(0, 100).Select(_ => Names(origins.Order(0, true))).Distinct().Order()];
        Assert.Equal(["bcza", "cbza"], orders);
        Assert.False(origins.AreAllSick(0));
    }

    [Fact]
    public void A_trial_goes_to_the_place_that_the_origin_had_and_only_with_a_request_that_can_go_on()
    {
        SiteOrigins origins = Origins(("a", null, 1), ("b", null, 1));
        Trip(origins, 0);
        Assert.Equal("ba", Names(origins.Order(0, mayTry: true)));
        Assert.Equal("ab", Names(origins.Order(100, mayTry: true)));
        Assert.Equal("ba", Names(origins.Order(100, mayTry: false)));
        Assert.True(origins.Endpoints[0].State.TryBeginTrial(100, origins.Rules));
        Assert.False(origins.Endpoints[0].State.TryBeginTrial(100, origins.Rules));
        Assert.Equal("ba", Names(origins.Order(100, mayTry: true)));
    }

    [Fact]
    public void When_all_are_sick_all_are_asked_in_order()
    {
        SiteOrigins origins = Origins(("a", null, 1), ("b", null, 1), ("c", null, 1));
        for (int i = 0; i < 3; i++)
        {
            Trip(origins, i);
        }

        Assert.True(origins.AreAllSick(0));
        Assert.Equal("abc", Names(origins.Order(0, true)));
    }

    [Fact]
    public void Checks_that_fail_keep_an_origin_out_until_they_pass_which_also_ends_a_back_off()
    {
        SiteOrigins origins = Origins(("a", null, 1), ("b", null, 1));
        OriginState a = origins.Endpoints[0].State;
        HealthCheckConfig check = new()
        {
            Path = "/", Interval = TimeSpan.FromSeconds(5), Timeout = TimeSpan.FromSeconds(1), Expect = [], HealthyAfter = 1, UnhealthyAfter = 1,
        };
        Trip(origins, 0);
        Assert.False(a.ReportCheck(false, "500", check)); // it was sick before
        Assert.Equal("ba", Names(origins.Order(1000, true)));
        Assert.True(a.ReportCheck(true, "200", check));
        Assert.Equal(OriginHealth.Healthy, a.Health(0));
        OriginStatus status = a.Status(0);
        Assert.Equal(("www", "http://a.example.org", "200", 1), (status.Site, status.Origin, status.LastCheck, status.TimesSick));
        Assert.Equal("origin-connect-failed", status.LastFailure);
    }

    private static void Trip(SiteOrigins origins, int index)
    {
        for (int i = 0; i < origins.Rules.TripAfter; i++)
        {
            origins.Endpoints[index].State.Report(CircuitEvent.Failed, UpstreamFailure.ConnectFailed, 0, origins.Rules);
        }
    }

    private static string Names(IEnumerable<OriginEndpoint> order) => string.Concat(order.Select(endpoint => endpoint.Config.Url.Host[0]));

    private static SiteOrigins Origins(params (string Name, int? Priority, int Weight)[] origins)
    {
        SiteConfig site = Configs.Site("www", null, "www.example.net");
        OriginConfig any = site.Origins[0];
        return new SiteOrigins(
            site with { Origins = [.. origins.Select(o => any with { Url = new Uri($"http://{o.Name}.example.org"), Priority = o.Priority, Weight = o.Weight })] },
            id => new OriginState(id, new Random(1)));
    }
}
