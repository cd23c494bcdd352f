namespace Orleans.Embedded;

/// <summary>
/// Keeps a second silo from the file: an exclusive lock on a file beside it, which the system lets go when the process
/// dies. Not on the state file itself, for closing it would drop SQLite's own locks.
/// </summary>
internal sealed class StateFileLock : IDisposable
{
    private readonly FileStream _file;

    private StateFileLock(FileStream file) => _file = file;

    /// <exception cref="StateFileException">Another process has the lock, or the folder cannot be written.</exception>
    public static StateFileLock Take(string statePath)
    {
        string path = statePath + ".lock";
        try
        {
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return new StateFileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StateFileException($"The state file {statePath} cannot be used: {e.Message} Give the silo's user write access to its folder.", e);
        }
        catch (IOException e)
        {
            throw new StateFileException(
                $"The state file {statePath} is in use by another process ({e.Message}). One silo owns it at a time: stop the other one, or set {EmbeddedSettings.DatabaseKey} to another path.", e);
        }
    }

    public void Dispose() => _file.Dispose();
}
