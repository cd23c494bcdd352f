using System.Diagnostics;
using OrleansCdn.Cli.Lab;

namespace OrleansCdn.Cli.Tests.Lab;

/// <summary>Real processes: a shell stands for the programs.</summary>
public sealed class ChildProcessTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("cdn-child-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task An_unexpected_end_is_reported_with_the_logs_tail_and_the_program_started_again()
    {
        ChildProcess child = Shell("echo some last words; echo and errors >&2; exit 3", restart: true);
        var died = new TaskCompletionSource<(string How, string Tail)>();
        var again = new TaskCompletionSource<int>();
        child.Died += (_, how, tail) => died.TrySetResult((how, tail));
        child.Restarted += c => again.TrySetResult(c.Pid);
        using var stop = new CancellationTokenSource();
        Task watch = child.StartAsync(stop.Token);
        int first = child.Pid;
        (string how, string tail) = await died.Task.WaitAsync(Patience);
        Assert.Equal("ended with exit code 3", how);
        Assert.Contains("some last words", tail, StringComparison.Ordinal);
        Assert.Contains("and errors", tail, StringComparison.Ordinal);
        Assert.NotEqual(first, await again.Task.WaitAsync(Patience));
        CommandFailure failure = await Assert.ThrowsAsync<CommandFailure>(() => child.FirstEnd);
        Assert.Contains("some last words", failure.Hint, StringComparison.Ordinal);
        await stop.CancelAsync();
        await watch.WaitAsync(Patience);
    }

    [Fact]
    public async Task Without_restart_it_stays_down()
    {
        ChildProcess child = Shell("exit 0", restart: false);
        child.Restarted += _ => Assert.Fail("it was started again");
        await child.StartAsync(CancellationToken.None).WaitAsync(Patience);
    }

    [Fact]
    public async Task The_end_is_polite_first()
    {
        ChildProcess child = Shell("trap 'echo goodbye; exit 0' TERM; echo ready; read -r line", restart: true);
        child.Died += (_, how, _) => Assert.Fail("reported: " + how);
        using var stop = new CancellationTokenSource();
        Task watch = child.StartAsync(stop.Token);
        await LogContainsAsync(child, "ready");
        await stop.CancelAsync();
        await watch.WaitAsync(Patience);
        Assert.Contains("goodbye", await File.ReadAllTextAsync(child.LogFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_does_not_listen_is_killed()
    {
        ChildProcess child = Shell("trap '' TERM; echo ready; read -r line; read -r line", restart: true);
        using var stop = new CancellationTokenSource();
        Task watch = child.StartAsync(stop.Token);
        await LogContainsAsync(child, "ready");
        int pid = child.Pid;
        await stop.CancelAsync();
        await watch.WaitAsync(Patience);
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(pid));
    }

    private ChildProcess Shell(string script, bool restart) =>
        new("shell", new ChildCommand("/bin/sh", ["-c", script], "/"), _directory, restart, TimeProvider.System);

    private static async Task LogContainsAsync(ChildProcess child, string text)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!ReadShared(child.LogFile).Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
        }
    }

    private static string ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return new StreamReader(file).ReadToEnd();
    }
}
