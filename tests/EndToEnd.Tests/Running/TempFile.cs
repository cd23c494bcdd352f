namespace OrleansCdn.EndToEnd.Tests.Running;

/// <summary>A file of lines that goes with this object.</summary>
internal sealed class TempFile : IDisposable
{
    private TempFile(string path) => Path = path;

    public string Path { get; }

    public static TempFile Of(IEnumerable<string> lines)
    {
        string path = System.IO.Path.GetTempFileName();
        File.WriteAllLines(path, lines);
        return new TempFile(path);
    }

    public void Dispose() => File.Delete(Path);
}
