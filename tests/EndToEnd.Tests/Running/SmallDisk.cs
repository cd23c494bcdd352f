using System.Diagnostics;

namespace OrleansCdn.EndToEnd.Tests.Running;

/// <summary>A file system of a few MiB that can be filled up. Mounting takes root, or sudo.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const int SizeMiB = 48;

    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string Filler => System.IO.Path.Combine(Path, "filler");

    public static SmallDisk Mount(string path)
    {
        Directory.CreateDirectory(path);
        Run("mount", "-t", "tmpfs", "-o", $"size={SizeMiB}m,mode=777", "tmpfs", path);
        return new SmallDisk(path);
    }

    /// <summary>To the last byte: whatever is written next gets ENOSPC.</summary>
    public void Fill()
    {
        byte[] block = new byte[64 * 1024];
        using FileStream file = new(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (int size = block.Length; size > 0;)
        {
            try
            {
                file.Write(block.AsSpan(0, size));
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    public void Free() => File.Delete(Filler);

    public void Dispose() => Run("umount", "--lazy", Path);

    private static void Run(string command, params string[] arguments)
    {
        string[] line = Environment.IsPrivilegedProcess ? [command, .. arguments] : ["sudo", command, .. arguments];
        using Process process = Processes.Start(line[0], line[1..]);
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', line)}: {error}");
    }
}
