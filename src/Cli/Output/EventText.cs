using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Output;

/// <summary>An event as a line.</summary>
internal static class EventText
{
    public static string Line(CdnEvent happened)
    {
        string?[] places = [happened.Pop, happened.Edge, happened.Upstream];
        string where = string.Join('/', places.Where(place => place is not null));
        string who = happened.Who is null ? "" : $", by {happened.Who}";
        string why = happened.Why is null ? "" : $": {happened.Why}";
        string repeats = happened.Last is { } last ? $" ({Units.Count(happened.Count)} times, last {Units.Time(last)})" : "";
        string severity = happened.Severity.ToString().ToLowerInvariant();
        return PlainText.Of($"{Units.Time(happened.When)}  {severity,-7}  {(where.Length == 0 ? "" : where + " ")}{happened.What}{who}{why}{repeats}");
    }
}
