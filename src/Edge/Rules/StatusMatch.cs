using System.Collections.Immutable;
using System.Globalization;

namespace OrleansCdn.Edge.Rules;

/// <summary>Statuses as rules write them: <c>404</c> or <c>4xx</c>.</summary>
internal static class StatusMatch
{
    public static bool IsAny(int status, ImmutableArray<string> patterns)
    {
        Span<char> digits = stackalloc char[3];
        if (!status.TryFormat(digits, out int length, provider: CultureInfo.InvariantCulture) || length < 3)
        {
            return false;
        }

        foreach (string pattern in patterns)
        {
            if (pattern[0] == digits[0] && (pattern[1] == 'x' || pattern.AsSpan().SequenceEqual(digits)))
            {
                return true;
            }
        }

        return false;
    }
}
