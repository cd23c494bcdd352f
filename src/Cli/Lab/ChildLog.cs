using System.Text;

namespace OrleansCdn.Cli.Lab;

/// <summary>What a child writes, in one file that is turned over when it is full.</summary>
internal sealed class ChildLog : IDisposable
{
    // Two of these per child: enough to look back over, too little to fill a disk.
    private const long MaxBytes = 16 * 1024 * 1024;
    private const int TailBytes = 4 * 1024;
    private const int TailLines = 15;
    private const int PumpBytes = 8 * 1024;

    private readonly Lock _lock = new();
    private readonly string _path;
    private FileStream _file;

    public ChildLog(string path)
    {
        _path = path;
        _file = Open(FileMode.Append);
    }

    /// <summary>Copies until the child closes its end.</summary>
    public async Task PumpAsync(Stream source)
    {
        var buffer = new byte[PumpBytes];
        try
        {
            for (int read; (read = await source.ReadAsync(buffer)) > 0;)
            {
                Write(buffer.AsSpan(0, read));
            }
        }
        catch (IOException)
        {
            // The child is gone, or the disk is full: neither is a reason to stop the lab.
        }
    }

    /// <summary>The last lines, for the report of an unexpected end.</summary>
    public string Tail()
    {
        lock (_lock)
        {
            using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            file.Seek(-Math.Min(file.Length, TailBytes), SeekOrigin.End);
            string text = new StreamReader(file, Encoding.UTF8).ReadToEnd();
            return string.Join('\n', text.TrimEnd().Split('\n').TakeLast(TailLines));
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _file.Dispose();
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_file.Length > MaxBytes)
            {
                _file.Dispose();
                File.Move(_path, _path + ".1", overwrite: true);
                _file = Open(FileMode.Create);
            }

            _file.Write(bytes);
            _file.Flush();
        }
    }

    private FileStream Open(FileMode mode) => new(_path, mode, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
}
