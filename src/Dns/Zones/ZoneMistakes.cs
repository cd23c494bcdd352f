using System.Collections.Immutable;

namespace OrleansCdn.Dns.Zones;

/// <summary>All mistakes of one zone.</summary>
internal sealed class ZoneMistakes(string zone)
{
    /// <summary>More than anyone mends in one go, as with configs.</summary>
    private const int MaxListed = 100;

    /// <summary>Of a text that is quoted back.</summary>
    private const int MaxSubjectLength = 80;

    private readonly List<ZoneMistake> _all = [];
    private int _unlisted;

    public bool AnyErrors { get; private set; }

    public void Error(int line, string subject, string message, string? instead = null) => Add(line, subject, message, instead, isWarning: false);

    public void Warn(int line, string subject, string message, string? instead = null) => Add(line, subject, message, instead, isWarning: true);

    public ImmutableArray<ZoneMistake> InOrder()
    {
        IEnumerable<ZoneMistake> listed = _all.OrderBy(mistake => mistake.Line);
        return _unlisted == 0 ? [.. listed] : [.. listed, new ZoneMistake(zone, 0, "", $"has {_unlisted} more mistakes than the {MaxListed} listed", null, !AnyErrors)];
    }

    private void Add(int line, string subject, string message, string? instead, bool isWarning)
    {
        AnyErrors |= !isWarning;
        if (_all.Count >= MaxListed)
        {
            _unlisted++;
            return;
        }

        _all.Add(new ZoneMistake(zone, line, Printable(subject), message, instead, isWarning));
    }

    private static string Printable(string text) =>
        string.Concat(text.Take(MaxSubjectLength).Select(c => char.IsControl(c) ? '?' : c)) + (text.Length > MaxSubjectLength ? "…" : "");
}
