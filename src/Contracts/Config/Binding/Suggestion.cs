namespace OrleansCdn.Contracts.Config.Binding;

/// <summary>The known key that was probably meant.</summary>
internal static class Suggestion
{
    /// <summary>The longest key has 22 characters; what is longer than this is no slip of the keyboard.</summary>
    private const int MaxLength = 40;

    public static string? For(string written, KeyTable table)
    {
        if (written.Length > MaxLength)
        {
            return null;
        }

        string plain = Plain(written);
        string? nearest = null;
        int least = int.MaxValue;
        foreach (Key key in table.Keys)
        {
            int distance = Distance(plain, Plain(key.Name));
            if (distance < least)
            {
                (least, nearest) = (distance, key.Name);
            }
        }

        // One slip in a short key, one more for every three letters: "host" finds hosts, "name" does not find admin.
        return least <= Math.Max(1, plain.Length / 3) ? nearest : null;
    }

    /// <summary>max_object, maxObject and MAX-OBJECT all mean max-object.</summary>
    private static string Plain(string key) =>
        key.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }

                int replaced = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, 1 + Math.Min(cost[i - 1, j], cost[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], 1 + cost[i - 2, j - 2]);
                }
            }
        }

        return cost[a.Length, b.Length];
    }
}
