using Microsoft.Win32.SafeHandles;
using OrleansCdn.Edge.Control;

namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>A purge journal's file in the directory of its disk store.</summary>
internal sealed class JournalFile(string path) : IJournalFile
{
    private readonly Lock _swap = new();
    private SafeFileHandle? _file;

    public string Name => path;

    public byte[]? Read(long longest) =>
        !File.Exists(path) || new FileInfo(path).Length > longest ? null : File.ReadAllBytes(path);

    public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(Opened(), bytes, offset);

    public void Flush()
    {
        lock (_swap)
        {
            RandomAccess.FlushToDisk(Opened());
        }
    }

    public long Replace(IEnumerable<byte[]> parts)
    {
        string temporary = path + ".new";
        SafeFileHandle file = File.OpenHandle(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        long length = 0;
        try
        {
            foreach (byte[] part in parts)
            {
                RandomAccess.Write(file, part, length);
                length += part.Length;
            }

            RandomAccess.FlushToDisk(file);
            File.Move(temporary, path, overwrite: true);
            DirectoryFlush.Flush(Path.GetDirectoryName(path)!);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        lock (_swap)
        {
            _file?.Dispose();
            _file = file;
        }

        return length;
    }

    public void Delete()
    {
        Dispose();
        File.Delete(path);
        DirectoryFlush.Flush(Path.GetDirectoryName(path)!);
    }

    public void Dispose()
    {
        lock (_swap)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private SafeFileHandle Opened() => _file ?? throw new ObjectDisposedException(nameof(JournalFile));
}
