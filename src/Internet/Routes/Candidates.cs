namespace OrleansCdn.Internet.Routes;

/// <summary>A route that a network is told.</summary>
/// <param name="Point">Of the network.</param>
/// <param name="Origin">Index of the operator's route.</param>
/// <param name="From">See <see cref="PointRoute.From"/>.</param>
/// <param name="Repeats">See <see cref="PointRoute.Repeats"/>.</param>
/// <param name="PopSet">PoPs that it may lead to.</param>
internal readonly record struct Candidate(int Point, int Origin, int From, int Repeats, int PopSet);

/// <summary>The shortest routes that each network has been told so far: a list in one array for each.</summary>
internal sealed class Candidates(int networks)
{
    private readonly List<(Candidate Candidate, int Next)> _all = [];
    private readonly int[] _last = FilledWith(networks, -1);
    private readonly int[] _length = FilledWith(networks, int.MaxValue);

    public int LengthOf(int network) => _length[network];

    /// <returns>True: this is the shortest by now.</returns>
    public bool Add(int network, int length, Candidate candidate)
    {
        if (length > _length[network])
        {
            return false;
        }

        bool isShorter = length < _length[network];
        _all.Add((candidate, isShorter ? -1 : _last[network]));
        _last[network] = _all.Count - 1;
        _length[network] = length;
        return isShorter;
    }

    public IEnumerable<Candidate> Of(int network)
    {
        for (int i = _last[network]; i >= 0; i = _all[i].Next)
        {
            yield return _all[i].Candidate;
        }
    }

    private static int[] FilledWith(int count, int value)
    {
        int[] array = new int[count];
        Array.Fill(array, value);
        return array;
    }
}
