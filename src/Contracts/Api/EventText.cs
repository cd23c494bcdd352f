using System.Globalization;

namespace OrleansCdn.Contracts.Api;

/// <summary>An event as a line.</summary>
public static class EventText
{
    public static string Line(CdnEvent happened)
    {
        string?[] places = [happened.Pop, happened.Edge, happened.Upstream];
        string where = string.Join('/', places.Where(place => place is not null));
        string who = happened.Who is null ? "" : $", by {happened.Who}";
        string why = happened.Why is null ? "" : $": {happened.Why}";
        string repeats = happened.Last is { } last ? string.Create(CultureInfo.InvariantCulture, $" ({happened.Count:#,0} times, last {UtcText.Of(last)})") : "";
        string severity = happened.Severity.ToString().ToLowerInvariant();
        return $"{UtcText.Of(happened.When)}  {severity,-7}  {(where.Length == 0 ? "" : where + " ")}{happened.What}{who}{why}{repeats}";
    }
}
