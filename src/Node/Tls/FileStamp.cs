namespace OrleansCdn.Node.Tls;

/// <summary>What tells a replaced file from the one that was read; follows symbolic links, as certificate tools swap those.</summary>
public readonly record struct FileStamp(DateTime ModifiedUtc, long Bytes)
{
    /// <summary>How soon a replaced file is noticed; a look costs a system call.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(10);

    /// <summary>A missing or unreadable file has the default stamp.</summary>
    public static FileStamp Of(string path)
    {
        try
        {
            FileInfo file = new(path);
            file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return file.Exists ? new FileStamp(file.LastWriteTimeUtc, file.Length) : default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}
