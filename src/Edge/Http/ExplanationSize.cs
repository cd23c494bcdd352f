using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Edge.Http;

/// <summary>Keeps an answer within a line of the feed: what is listed last goes first, the counts stay.</summary>
internal static class ExplanationSize
{
    public static Explanation Fit(Explanation explanation)
    {
        while (explanation.Variants.Length > 0 && SizeOf(explanation) > Explanation.MaxBytes)
        {
            explanation = explanation with
            {
                Variants = explanation.Variants.Length > 1
                    ? explanation.Variants[..(explanation.Variants.Length / 2)]
                    : explanation.Variants[0] is { Tags.Length: > 0 } or { Groups.Length: > 0 } or { Vary.Length: > 0 }
                        ? [explanation.Variants[0] with { Tags = [], Groups = [], Vary = [] }] : [],
            };
        }

        return explanation;
    }

    private static int SizeOf(Explanation explanation) => JsonSerializer.SerializeToUtf8Bytes(explanation, ContractsJson.Default.Explanation).Length;
}
