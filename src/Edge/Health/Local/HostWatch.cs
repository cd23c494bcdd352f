using System.Collections.Immutable;
using System.Globalization;

namespace OrleansCdn.Edge.Health.Local;

/// <summary>Looks at the server's file systems and memory beside everything else: a disk that hangs holds up nothing but this.</summary>
internal sealed class HostWatch : IDisposable
{
    /// <summary>A disk fills up in minutes, memory in seconds.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Of Linux; elsewhere nothing is known of what is available.</summary>
    private const string MemoryFile = "/proc/meminfo";

    private readonly ImmutableArray<string> _directories;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private volatile HostFacts _seen = HostFacts.Unknown;
    private int _isLooking;
    private long _beganAt;

    /// <param name="directories">Where this edge writes.</param>
    /// <param name="time">Of the looks.</param>
    public HostWatch(ImmutableArray<string> directories, TimeProvider time)
    {
        (_directories, _time) = (directories, time);
        _timer = time.CreateTimer(_ => Look(), null, TimeSpan.Zero, Interval);
    }

    public HostFacts Facts => _seen with { Looking = Volatile.Read(ref _isLooking) == 0 ? null : _time.GetElapsedTime(Volatile.Read(ref _beganAt)) };

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (Interlocked.Exchange(ref _isLooking, 1) != 0)
        {
            return; // the last look has not come back
        }

        Volatile.Write(ref _beganAt, _time.GetTimestamp());
        try
        {
            MemoryFacts? memory = Memory();
            _seen = _seen with { Memory = memory };
            _seen = new HostFacts([.. _directories.Select(Space).OfType<DiskSpace>()], null, memory);
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }

    /// <summary>Null: it cannot be looked at. Whoever writes there says so.</summary>
    private static DiskSpace? Space(string directory)
    {
        try
        {
            DriveInfo drive = new(directory);
            return new DiskSpace(directory, drive.AvailableFreeSpace, drive.TotalSize);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static MemoryFacts? Memory()
    {
        long limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return limit > 0 ? new MemoryFacts(Environment.WorkingSet, limit, Available()) : null;
    }

    private static long? Available()
    {
        try
        {
            return AvailableIn(File.ReadLines(MemoryFile));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <param name="lines">Of <c>/proc/meminfo</c>: <c>MemAvailable:    4567 kB</c>.</param>
    internal static long? AvailableIn(IEnumerable<string> lines)
    {
        const string Name = "MemAvailable:";
        const string Unit = " kB";
        string? line = lines.FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal));
        return line is not null && line.EndsWith(Unit, StringComparison.Ordinal)
            && long.TryParse(line.AsSpan(Name.Length..^Unit.Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out long kib)
            ? kib * 1024
            : null;
    }
}
