namespace OrleansCdn.Bench.Store;

/// <summary>Requests as numbers of objects; the same seed gives the same trace.</summary>
internal static class Traces
{
    public const int Seed = 20_260_101;

    /// <summary>Object i of <paramref name="universe"/> is asked for in proportion to 1 / (i + 1)^alpha.</summary>
    public static int[] Zipf(int universe, double alpha, int requests)
    {
        double[] upTo = new double[universe];
        double sum = 0;
        for (int i = 0; i < universe; i++)
        {
            upTo[i] = sum += Math.Pow(i + 1, -alpha);
        }

        var random = new Random(Seed);
        int[] trace = new int[requests];
        for (int i = 0; i < requests; i++)
        {
            int found = Array.BinarySearch(upTo, random.NextDouble() * sum);
            trace[i] = Math.Min(found < 0 ? ~found : found, universe - 1);
        }

        return trace;
    }

    /// <summary>Every fifth request, in bursts of a thousand, is for an object that is never asked for again.</summary>
    public static int[] WithScans(int[] trace, int universe)
    {
        const int burst = 1000;
        int[] mixed = new int[trace.Length];
        int next = universe;
        for (int i = 0, from = 0; i < mixed.Length; i++)
        {
            mixed[i] = i / burst % 5 == 4 ? next++ : trace[from++];
        }

        return mixed;
    }
}
