using System.Collections.Immutable;

namespace OrleansCdn.Internet.Routes;

/// <summary>Sets of PoPs as small numbers: a run of a whole graph has few different ones. The empty set is 0.</summary>
internal sealed class PopSets
{
    private readonly List<ImmutableArray<string>> _sets = [[]];
    private readonly Dictionary<string, int> _known = new() { [""] = 0 };
    private readonly Dictionary<(int, int), int> _unions = [];

    public ImmutableArray<string> this[int set] => _sets[set];

    public int Of(string pop) => Intern([pop]);

    public int Union(int one, int other)
    {
        if (one == other || other == 0)
        {
            return one;
        }

        if (one == 0)
        {
            return other;
        }

        (int, int) pair = (Math.Min(one, other), Math.Max(one, other));
        if (!_unions.TryGetValue(pair, out int union))
        {
            union = Intern([.. _sets[one].Union(_sets[other]).Order(StringComparer.Ordinal)]);
            _unions.Add(pair, union);
        }

        return union;
    }

    private int Intern(ImmutableArray<string> pops)
    {
        // No id of a PoP has a space in it.
        string key = string.Join(' ', pops);
        if (!_known.TryGetValue(key, out int set))
        {
            set = _sets.Count;
            _sets.Add(pops);
            _known.Add(key, set);
        }

        return set;
    }
}
