namespace OrleansCdn.Cli.Lab;

/// <summary>
/// <c>dotnet run</c> starts this program as its child and passes no end on when it is killed. A lab that nobody sees any
/// more would hold its ports, so it ends when that parent is gone. Other parents (a shell that the lab was sent to the
/// background of, a service supervisor) may leave without a word.
/// </summary>
internal static class DotnetRunParent
{
    // Well within the time in which somebody starts the next lab.
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>Ends when the parent is gone; null when this process was not started by <c>dotnet run</c>.</summary>
    public static Task? Gone(TimeProvider time, CancellationToken cancellationToken)
    {
        int parent = Signals.ParentPid();
        return parent > 1 && IsDotnetRun(parent) ? WatchAsync(parent, time, cancellationToken) : null;
    }

    private static async Task WatchAsync(int parent, TimeProvider time, CancellationToken cancellationToken)
    {
        while (Signals.ParentPid() == parent)
        {
            await Task.Delay(LookEvery, time, cancellationToken);
        }
    }

    private static bool IsDotnetRun(int pid)
    {
        try
        {
            string[] words = File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
            return words.Length > 1 && Path.GetFileName(words[0]) == "dotnet" && words.Contains("run");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No /proc here: only Linux has it.
            return false;
        }
    }
}
