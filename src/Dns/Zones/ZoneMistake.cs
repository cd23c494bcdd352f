namespace OrleansCdn.Dns.Zones;

/// <summary>Something wrong with a zone.</summary>
/// <param name="Zone">Its name, without the dot at its end.</param>
/// <param name="Line">Of its records, from 1; 0: of the zone as a whole.</param>
/// <param name="Subject">Which name, type or text it is about; empty: the zone.</param>
/// <param name="Message">What is wrong with it, to be read behind the subject.</param>
/// <param name="Instead">What to write in its place; null: that is up to the writer.</param>
/// <param name="IsWarning">The zone can be answered for as it stands.</param>
public sealed record ZoneMistake(string Zone, int Line, string Subject, string Message, string? Instead, bool IsWarning)
{
    public override string ToString() =>
        $"{Zone}{(Line > 0 ? $" line {Line}" : "")}: {(Subject.Length > 0 ? Subject + " " : "")}{Message}{(Instead is null ? "" : $"; {Instead}")}";
}
