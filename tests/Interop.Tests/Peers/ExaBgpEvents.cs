using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Interop.Tests.Peers;

/// <summary>What ExaBGP's events amount to.</summary>
internal sealed class ExaBgpEvents
{
    private readonly Dictionary<IPNetwork, SeenRoute> _routes = [];
    private bool _isUp;
    private SeenCapabilities _offered;

    public ImmutableArray<SeenRoute> Routes => SeenRoute.Sorted(_routes.Values);

    public SeenSession Session => new(_isUp, _offered);

    public void Forget()
    {
        _routes.Clear();
        _isUp = false;
        _offered = SeenCapabilities.None;
    }

    public void Take(JsonElement said)
    {
        if (!said.TryGetProperty("neighbor", out JsonElement neighbor))
        {
            return;
        }

        switch (said.GetProperty("type").GetString())
        {
            case "state":
                string state = neighbor.GetProperty("state").GetString()!;
                _isUp = state == "up";
                if (state == "down")
                {
                    _routes.Clear();
                }

                break;
            case "open":
                _offered = Capabilities(neighbor.GetProperty("open").GetProperty("capabilities"));
                break;
            case "update" when neighbor.GetProperty("message").TryGetProperty("update", out JsonElement update):
                Update(update);
                break;
            default:
                break;
        }
    }

    private static SeenCapabilities Capabilities(JsonElement all)
    {
        SeenCapabilities offered = SeenCapabilities.None;
        foreach (JsonProperty capability in all.EnumerateObject())
        {
            string[] families = capability.Value.TryGetProperty("families", out JsonElement list) ? [.. list.EnumerateArray().Select(f => f.GetString()!)] : [];
            offered |= capability.Name switch
            {
                "1" => (families.Contains("ipv4/unicast") ? SeenCapabilities.Ipv4 : 0) | (families.Contains("ipv6/unicast") ? SeenCapabilities.Ipv6 : 0),
                "2" => SeenCapabilities.RouteRefresh,
                "65" => SeenCapabilities.FourOctetAs,
                _ => SeenCapabilities.None,
            };
        }

        return offered;
    }

    private void Update(JsonElement update)
    {
        foreach (JsonElement family in Members(update, "withdraw"))
        {
            foreach (JsonElement nlri in family.EnumerateArray())
            {
                _ = _routes.Remove(Prefix(nlri));
            }
        }

        foreach (JsonElement family in Members(update, "announce"))
        {
            // RFC 2545 §3: the global next hop comes with the link-local one, where there is one.
            foreach ((IPAddress nextHop, JsonElement all) in family.EnumerateObject().Select(p => (IPAddress.Parse(p.Name), p.Value)).Where(p => !p.Item1.IsIPv6LinkLocal))
            {
                foreach (IPNetwork prefix in all.EnumerateArray().Select(Prefix))
                {
                    _routes[prefix] = Route(prefix, nextHop, update.GetProperty("attribute"));
                }
            }
        }
    }

    private static SeenRoute Route(IPNetwork prefix, IPAddress nextHop, JsonElement attributes) => SeenRoute.Of(
        prefix,
        attributes.GetProperty("as-path").EnumerateArray().Select(n => n.GetUInt32()),
        nextHop,
        attributes.GetProperty("origin").GetString()!,
        [
            .. Items(attributes, "community").Select(c => Community.Standard(c[0].GetUInt16(), c[1].GetUInt16())),
            .. Items(attributes, "large-community").Select(c => Community.Large(c[0].GetUInt32(), c[1].GetUInt32(), c[2].GetUInt32())),
            .. Items(attributes, "extended-community").Select(c => Community.Extended(c.GetProperty("value").GetUInt64())),
        ]);

    private static IEnumerable<JsonElement> Members(JsonElement update, string name) =>
        update.TryGetProperty(name, out JsonElement families) ? families.EnumerateObject().Select(p => p.Value) : [];

    private static JsonElement[] Items(JsonElement attributes, string name) =>
        attributes.TryGetProperty(name, out JsonElement list) ? [.. list.EnumerateArray()] : [];

    private static IPNetwork Prefix(JsonElement nlri) => IPNetwork.Parse(nlri.GetProperty("nlri").GetString()!);
}
