using System.Collections.Immutable;

namespace OrleansCdn.Dns.Steering;

/// <summary>The different lists of a table while it is compiled: equal ones are the same index.</summary>
internal sealed class ListPool
{
    private readonly List<int[]> _lists = [];
    private readonly Dictionary<int[], int> _indexes = new(new Orders());

    public bool IsFull => _lists.Count > SteeringCompiler.MaxLists;

    public int Add(int[] order)
    {
        if (!_indexes.TryGetValue(order, out int index))
        {
            index = IsFull ? 0 : _lists.Count;
            if (!IsFull)
            {
                _lists.Add(order);
                _indexes.Add(order, index);
            }
        }

        return index;
    }

    /// <summary>
    /// The lists, those whose first PoP has too much with the list for the clients that it gives away: the first PoP behind it that has
    /// room goes to the front. None has: nobody is sent elsewhere.
    /// </summary>
    public ImmutableArray<SteeringList> WithShedding(ImmutableArray<int> loads)
    {
        int Load(int pop) => pop < loads.Length ? loads[pop] : 0;
        int compiled = _lists.Count;
        var shed = new (int Parts, int Alternative)[compiled];
        for (int i = 0; i < compiled; i++)
        {
            int[] order = _lists[i];
            int parts = PopLoad.ShedParts(Load(order[0]));
            int roomy = parts == 0 ? -1 : Array.FindIndex(order, pop => Load(pop) <= PopLoad.Comfortable);
            if (roomy > 0)
            {
                shed[i] = (parts, AddFinal([order[roomy], .. order.Where(pop => pop != order[roomy])]));
            }
        }

        return
        [
            .. _lists.Select((order, i) => new SteeringList([.. order])
            {
                ShedParts = i < compiled ? shed[i].Parts : 0,
                Alternative = i < compiled ? shed[i].Alternative : 0,
            }),
        ];
    }

    /// <summary>At most one for each list that was compiled.</summary>
    private int AddFinal(int[] order)
    {
        if (!_indexes.TryGetValue(order, out int index))
        {
            _indexes.Add(order, index = _lists.Count);
            _lists.Add(order);
        }

        return index;
    }

    private sealed class Orders : IEqualityComparer<int[]>
    {
        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] order)
        {
            var hash = new HashCode();
            foreach (int pop in order)
            {
                hash.Add(pop);
            }

            return hash.ToHashCode();
        }
    }
}
