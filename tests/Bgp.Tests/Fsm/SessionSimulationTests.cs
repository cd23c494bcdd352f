using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using OrleansCdn.Bgp.Fsm;
using OrleansCdn.Bgp.Tests.Wire;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;
using Xunit.Abstractions;

namespace OrleansCdn.Bgp.Tests.Fsm;

/// <summary>Machines against each other over a network that fails at random; CDN_BGP_SEEDS runs more of them.</summary>
public sealed class SessionSimulationTests(ITestOutputHelper output)
{
    private const int DefaultSeeds = 1_500;

    private static readonly ImmutableArray<IPNetwork> Allowed = [Samples.Ipv4Prefix, Samples.Ipv6Prefix];

    private static int Seeds => int.TryParse(Environment.GetEnvironmentVariable("CDN_BGP_SEEDS"), out int seeds) ? seeds : DefaultSeeds;

    [Fact]
    public void After_any_faults_the_wire_equals_the_intent()
    {
        int transitions = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            try
            {
                transitions += RunSeed(seed);
            }
            catch (Exception failure)
            {
                Assert.Fail($"seed {seed}: {failure}");
            }
        }

        output.WriteLine($"{Seeds} seeds, {transitions} changes of state");
    }

    [Fact]
    public void A_peer_that_says_anything_gets_legal_answers_and_only_what_is_allowed()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            var network = new SimulatedNetwork(random);
            var node = new SimulatedNode(network, Settings(random, isPassive: true, 65001, 65002, 1), seed);
            try
            {
                node.Start();
                node.Set(Routes(random), Allowed);
                for (int i = 0; i < 200; i++)
                {
                    RandomStep(node, random);
                    network.Run(TimeSpan.FromSeconds(random.Next(5) == 0 ? random.Next(300) : 0));
                }

                Assert.Subset(Allowed.ToHashSet(), node.Said);
            }
            catch (Exception failure)
            {
                Assert.Fail($"seed {seed}: {failure}");
            }
        }
    }

    [Fact]
    public void When_nothing_comes_any_more_both_sides_end_within_the_hold_time()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            (SimulatedNetwork network, SimulatedNode left, SimulatedNode right) = Pair(seed);
            network.Run(TimeSpan.FromSeconds(30));
            Assert.True((left.State, right.State) == (BgpState.Established, BgpState.Established), $"seed {seed}: {left.Describe()}; {right.Describe()}");
            int before = left.Transitions + right.Transitions;
            network.IsBlackHole = true;
            network.IsUp = false;
            network.Run((left.Settings.HoldTime < right.Settings.HoldTime ? left.Settings.HoldTime : right.Settings.HoldTime) + TimeSpan.FromSeconds(1));
            Assert.True(left.State != BgpState.Established && right.State != BgpState.Established && left.Transitions + right.Transitions > before, $"seed {seed}");
        }
    }

    [Fact]
    public void A_process_that_hangs_is_given_up_by_its_peer_within_the_hold_time()
    {
        (SimulatedNetwork network, SimulatedNode left, SimulatedNode right) = Pair(7);
        network.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(left.Desired.Length, right.AdjRibIn.Count);
        left.IsAlive = false;
        left.Step(SessionEvent.Tick(isAlive: false));
        network.Run(TimeSpan.FromSeconds(right.Settings.HoldTime.TotalSeconds + 1));
        Assert.Empty(right.AdjRibIn);
    }

    [Fact]
    public void A_thousand_sessions_live_in_one_process()
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var random = new Random(1);
        var network = new SimulatedNetwork(random);
        List<SimulatedNode> nodes = [];
        for (int i = 0; i < 1_000; i++)
        {
            (SimulatedNode left, SimulatedNode right) = Pair(network, random, i);
            nodes.Add(left);
            nodes.Add(right);
        }

        long clock = TimeProvider.System.GetTimestamp();
        network.Run(TimeSpan.FromSeconds(600));
        TimeSpan spent = TimeProvider.System.GetElapsedTime(clock);
        Assert.All(nodes, node => Assert.Equal(BgpState.Established, node.State));
        output.WriteLine($"1,000 sessions, both sides, 600 s: {spent.TotalMilliseconds:F0} ms of one core; {(GC.GetTotalMemory(true) - before) / 2000} octets a machine with its simulated connection");
    }

    private int RunSeed(int seed)
    {
        (SimulatedNetwork network, SimulatedNode left, SimulatedNode right) = Pair(seed);
        Random random = network.Random;
        for (int i = random.Next(3, 25); i > 0; i--)
        {
            network.Run(TimeSpan.FromMilliseconds(random.Next(random.Next(3) == 0 ? 90_000 : 2_000)));
            SimulatedNode node = random.Next(2) == 0 ? left : right;
            switch (random.Next(9))
            {
                case 0 or 1 when network.Links.Count > 0:
                    network.Links[^random.Next(1, Math.Min(3, network.Links.Count) + 1)].Reset();
                    break;
                case 2:
                    network.IsUp = !network.IsUp;
                    break;
                case 3:
                    network.IsBlackHole = random.Next(3) == 0;
                    break;
                case 4:
                    node.Stop();
                    break;
                case 5:
                    node.Start();
                    break;
                case 6:
                    node.IsAlive = random.Next(2) == 0;
                    node.Step(SessionEvent.Tick(node.IsAlive));
                    break;
                default:
                    node.Set(Routes(random), Allowed);
                    break;
            }
        }

        network.IsUp = true;
        network.IsBlackHole = false;
        foreach (SimulatedNode node in (SimulatedNode[])[left, right])
        {
            node.IsAlive = true;
            node.Step(SessionEvent.Tick(isAlive: true));
            node.Start();
        }

        network.Run(TimeSpan.FromMinutes(12));
        Assert.True((left.State, right.State) == (BgpState.Established, BgpState.Established), $"{left.Describe()}; {right.Describe()}");
        Equal(left, right);
        Equal(right, left);
        return left.Transitions + right.Transitions;
    }

    private static void Equal(SimulatedNode from, SimulatedNode at)
    {
        AddressFamilies families = from.Settings.Families & at.Settings.Families;
        DesiredRoute[] wanted = [.. from.Desired.Where(r => Allowed.Contains(r.Prefix) && (families & AddressFamilyExtensions.FamilyOf(r.Prefix).AsFlag()) != 0)];
        Assert.Equal(wanted.Select(r => r.Prefix).ToHashSet(), at.AdjRibIn.Keys.ToHashSet());
        foreach (DesiredRoute route in wanted)
        {
            UpdateMessage update = at.AdjRibIn[route.Prefix];
            Assert.Equal(Enumerable.Repeat(from.Settings.LocalAsn, 1 + route.Prepend), update.AsPath.AsEnumerable());
            Assert.Equal(route.Communities.Order(Comparer<Community>.Create(Community.Compare)), update.Communities.AsEnumerable());
        }

        Assert.Subset(Allowed.ToHashSet(), from.Said);
        Assert.Equal(from.Desired.Length - wanted.Length, from.Machine.Refused.Length);
    }

    private static (SimulatedNetwork Network, SimulatedNode Left, SimulatedNode Right) Pair(int seed)
    {
        var random = new Random(seed);
        var network = new SimulatedNetwork(random);
        (SimulatedNode left, SimulatedNode right) = Pair(network, random, seed);
        return (network, left, right);
    }

    private static (SimulatedNode Left, SimulatedNode Right) Pair(SimulatedNetwork network, Random random, int seed)
    {
        bool isLeftHigher = random.Next(2) == 0;
        var left = new SimulatedNode(network, Settings(random, isPassive: false, 201726, 64515, isLeftHigher ? 9u : 3u), seed * 2);
        var right = new SimulatedNode(network, Settings(random, random.Next(2) == 0, 64515, 201726, isLeftHigher ? 3u : 9u), (seed * 2) + 1);
        left.Peer = right;
        right.Peer = left;
        right.Start();
        left.Start();
        left.Set(Routes(random), Allowed);
        right.Set(Routes(random), Allowed);
        return (left, right);
    }

    private static SessionSettings Settings(Random random, bool isPassive, uint local, uint peer, uint id) => new()
    {
        LocalAsn = local,
        PeerAsn = peer,
        RouterId = id,
        Families = random.Next(3) == 0 ? AddressFamilies.Ipv6 : AddressFamilies.Ipv4 | AddressFamilies.Ipv6,
        HoldTime = TimeSpan.FromSeconds(random.Next(3, 91)),
        IsPassive = isPassive,
    };

    /// <summary>Some of the allowed ones, in different forms, and at times one that is not.</summary>
    private static ImmutableArray<DesiredRoute> Routes(Random random)
    {
        List<DesiredRoute> routes = [];
        foreach (IPNetwork prefix in Allowed)
        {
            if (random.Next(3) > 0)
            {
                routes.Add(Samples.Route(prefix, random.Next(6), random.Next(2) == 0 ? [] : ["65535:0", $"64600:{random.Next(5)}"]));
            }
        }

        if (random.Next(4) == 0)
        {
            routes.Add(Samples.Route(IPNetwork.Parse("203.0.113.0/24")));
        }

        return [.. routes];
    }

    private static void RandomStep(SimulatedNode node, Random random)
    {
        var addresses = new ConnectionAddresses(IPEndPoint.Parse("198.51.100.7:179"), IPAddress.Parse("198.51.100.7"), null);
        long id = random.Next(1, 40);
        switch (random.Next(12))
        {
            case 0:
                node.Step(SessionEvent.Accepted(node.Machine.NewConnection(), addresses));
                break;
            case 1:
                node.Step(SessionEvent.Closed(id));
                break;
            case 2:
                node.Step(SessionEvent.Connected(id, addresses));
                break;
            case 3 when random.Next(5) == 0:
                node.Step(SessionEvent.Stop(CeaseSubcode.PeerDeconfigured));
                break;
            case 4:
                node.Step(SessionEvent.Start());
                break;
            case 5:
                node.Step(SessionEvent.Tick(random.Next(3) > 0));
                break;
            case 6:
                node.Set(Routes(random), Allowed);
                break;
            default:
                byte[] message = AnyMessage(random);
                for (long i = random.Next(3) == 0 ? id : 1; i < 40; i += 1)
                {
                    if (BgpFramer.Read(message) is { Status: FrameStatus.Complete } frame)
                    {
                        node.Hear(i, frame.Type, message.AsSpan(BgpWire.HeaderLength, frame.Length - BgpWire.HeaderLength));
                    }
                }

                break;
        }
    }

    private static byte[] AnyMessage(Random random)
    {
        var open = new OpenMessage
        {
            MyAs = (ushort)(random.Next(6) == 0 ? 65003 : 65002),
            HoldSeconds = (ushort)(random.Next(6) == 0 ? random.Next(4) : 90),
            RouterId = (uint)random.Next(random.Next(6) == 0 ? 1 : 9),
            Capabilities = random.Next(3) == 0 ? [] : [Capability.Multiprotocol(AddressFamily.Ipv4Unicast), Capability.Multiprotocol(AddressFamily.Ipv6Unicast), new Capability(CapabilityCode.GracefulRestart, [0, 0])],
        };
        byte[] message = random.Next(3) switch
        {
            0 => OpenCodec.Write(open),
            1 => BgpMessages.Keepalive(),
            _ => Samples.All[random.Next(Samples.All.Length)],
        };
        if (random.Next(6) == 0)
        {
            message[random.Next(19, Math.Max(20, message.Length)) % message.Length] ^= (byte)(1 << random.Next(8));
        }

        return message;
    }
}
