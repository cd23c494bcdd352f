namespace OrleansCdn.Dns.Geo;

/// <summary>
/// Decides when a file is read: at the first sight of it, and when it is another one that has not changed between two looks, so that one
/// that is being written is left alone. Pure.
/// </summary>
internal sealed class GeoFileWatch
{
    private FileStamp? _read;
    private FileStamp? _last;

    /// <param name="now">Null: no file is there.</param>
    /// <returns>Whether it is to be read now; it is not asked for again until it is another one.</returns>
    public bool Step(FileStamp? now)
    {
        bool isSettled = _read is null && _last is null ? now is not null : now == _last;
        _last = now;
        if (now is null || !isSettled || now == _read)
        {
            return false;
        }

        _read = now;
        return true;
    }
}

/// <summary>By which one file is told from another in its place.</summary>
/// <param name="Written">Last write.</param>
/// <param name="Created">A file that was renamed into its place was created at another time, whatever times were copied with it.</param>
/// <param name="Length">Octets.</param>
internal readonly record struct FileStamp(DateTime Written, DateTime Created, long Length);
