using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace OrleansCdn.Node.Disk;

/// <summary>
/// What a process must know again after a restart: one directory, one owner process. A file is replaced as a whole (temporary file,
/// flush, rename, flush of the directory); one that cannot be used is set aside under another name, and the process goes on without it.
/// </summary>
/// <remarks>A file is for one thread at a time; other files of the directory are not touched by what is done with it.</remarks>
public sealed partial class StateDirectory : IDisposable
{
    public const string LockName = "lock";

    private readonly SafeFileHandle _lock;
    private readonly ILogger _logger;

    private StateDirectory(string path, SafeFileHandle held, ILogger logger)
    {
        Path = path;
        _lock = held;
        _logger = logger;
    }

    public string Path { get; }

    /// <summary>Takes the directory <c>DATA/NAME</c>, making it if need be.</summary>
    /// <exception cref="IOException">It cannot be written, or another process has it; the message says how to mend it.</exception>
    public static StateDirectory Open(string dataDirectory, string name, ILogger logger)
    {
        string directory = System.IO.Path.Combine(System.IO.Path.GetFullPath(dataDirectory), name);
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot make the directory '{directory}' ({e.Message}); give --data a directory that this user may write", e);
        }

        string lockFile = System.IO.Path.Combine(directory, LockName);
        try
        {
            SafeFileHandle held = File.OpenHandle(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new StateDirectory(directory, held, logger);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"cannot write in '{directory}' ({e.Message}); give --data a directory that this user may write", e);
        }
        catch (IOException e)
        {
            throw new IOException($"'{lockFile}' is held by another process ({e.Message}); each process needs its own --data directory", e);
        }
    }

    public string FileOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The whole file; false: it is not there, or it is too large or unreadable and was set aside.</summary>
    public bool TryRead(string name, long limit, out byte[] bytes)
    {
        bytes = [];
        try
        {
            using FileStream file = new(FileOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (file.Length > limit)
            {
                SetAside(name, $"it has {file.Length} bytes, and at most {limit} can be right");
                return false;
            }

            bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            SetAside(name, e.Message);
            return false;
        }
    }

    /// <summary>When this returns the file is on disk under its name.</summary>
    /// <param name="name">Of the file.</param>
    /// <param name="bytes">All of it.</param>
    /// <param name="mode">Who may read it; null: as the user's files are.</param>
    /// <exception cref="IOException">The disk refused; the file that was there is untouched.</exception>
    public void Replace(string name, ReadOnlySpan<byte> bytes, UnixFileMode? mode = null)
    {
        string path = FileOf(name);
        string temporary = path + ".new";
        File.Delete(temporary); // one that a crash left would keep its own mode
        using (SafeFileHandle file = Create(temporary, mode))
        {
            RandomAccess.Write(file, bytes, 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, path, overwrite: true);
        DirectoryFlush.Flush(Path);
    }

    private static SafeFileHandle Create(string path, UnixFileMode? mode)
    {
        SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        if (mode is { } wanted && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, wanted); // before anything is in it
        }

        return file;
    }

    /// <summary>One file per name is kept for a look, so that a disk that goes on damaging files does not fill up.</summary>
    public void SetAside(string name, string reason)
    {
        string path = FileOf(name);
        string aside = path + ".unusable";
        try
        {
            File.Move(path, aside, overwrite: true);
            LogSetAside(path, reason, aside);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogCannotSetAside(path, reason, e.Message);
        }
    }

    public void Dispose() => _lock.Dispose();

    [LoggerMessage(Level = LogLevel.Error, Message = "'{Path}' cannot be used ({Reason}); it is kept as '{Aside}', and this process goes on without it")]
    private partial void LogSetAside(string path, string reason, string aside);

    [LoggerMessage(Level = LogLevel.Error, Message = "'{Path}' cannot be used ({Reason}) nor be moved away ({Failure}); this process goes on without it")]
    private partial void LogCannotSetAside(string path, string reason, string failure);
}
