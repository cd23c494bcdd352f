namespace OrleansCdn.Contracts.Config.Yaml;

/// <summary>Line and column of a file, both from 1; columns count UTF-16 units.</summary>
internal readonly record struct FilePosition(int Line, int Column) : IComparable<FilePosition>
{
    public static readonly FilePosition Start = new(1, 1);

    public int CompareTo(FilePosition other) =>
        Line != other.Line ? Line.CompareTo(other.Line) : Column.CompareTo(other.Column);
}
