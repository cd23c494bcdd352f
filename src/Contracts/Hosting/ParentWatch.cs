using System.Diagnostics;

namespace OrleansCdn.Contracts.Hosting;

/// <summary>
/// Ties a process to the one that started it: the parent keeps the write end of the child's standard input open and
/// writes nothing. However the parent ends, also by SIGKILL, the kernel closes the pipe and the child reads its end.
/// </summary>
public static class ParentWatch
{
    /// <summary>Command line flag of the programs that can be tied to their parent.</summary>
    public const string Flag = "--exit-with-stdin";

    // What arrives is thrown away; a small buffer bounds it.
    private const int BufferBytes = 256;

    /// <summary>
    /// Ends this process as soon as standard input ends. Call it once, and only when <see cref="Flag"/> was given: with
    /// standard input at /dev/null the process ends at once.
    /// </summary>
    public static void Start() =>
        new Thread(ReadToTheEnd) { IsBackground = true, Name = "parent watch" }.Start();

    private static void ReadToTheEnd()
    {
        try
        {
            using Stream input = Console.OpenStandardInput();
            Span<byte> discarded = stackalloc byte[BufferBytes];
            while (input.Read(discarded) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A broken pipe says the same as its end.
        }

        // Not Environment.Exit: nobody is left to wait for a graceful stop, and an exit handler that hangs would leave an
        // orphan with the ports. What is acknowledged is on disk before it is acknowledged.
        Process.GetCurrentProcess().Kill();
    }
}
