using System.Text;

namespace OrleansCdn.Silo.Notifications;

/// <summary>A small file that only this machine's operators are to read: a URL or secrets.</summary>
internal static class SecretText
{
    /// <summary>The longest URL, or some secrets.</summary>
    public const int MaxBytes = 4096;

    private const UnixFileMode OthersMayUse = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Its lines without the empty ones. It is read anew each time, so that a new one counts at once.</summary>
    /// <exception cref="IOException">It cannot be used; the message says why and how to mend it, and nothing of what it holds.</exception>
    public static string[] Read(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & OthersMayUse) != 0)
            {
                throw new IOException($"file '{path}' can be read or written by every user of the silo's machine: chmod o= it");
            }

            byte[] bytes = new byte[MaxBytes + 1];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            string[] lines = Encoding.UTF8.GetString(bytes, 0, length).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            return length > MaxBytes ? throw new IOException($"file '{path}' has more than {MaxBytes} bytes")
                : lines.Length == 0 ? throw new IOException($"file '{path}' is empty")
                : lines;
        }
        catch (Exception error) when (error is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException($"file '{path}' cannot be read on the silo's machine: {(error is UnauthorizedAccessException ? "it may not, or it is a directory" : "it is not there")}", error);
        }
    }
}
