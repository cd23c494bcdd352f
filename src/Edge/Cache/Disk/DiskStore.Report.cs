using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Cache.Disk;

/// <content>How it stands, for status pages.</content>
public sealed partial class DiskStore
{
    /// <summary>Why it is not <see cref="DiskState.Ready"/>; set before the state.</summary>
    private volatile string? _trouble;

    /// <param name="hits">Requests that were answered from it.</param>
    public EdgeDisk Report(long hits)
    {
        DiskState state = _state;
        bool isCaughtUp = IsCaughtUp();
        return new EdgeDisk
        {
            State = state switch
            {
                DiskState.Off => EdgeDiskState.Failed,
                DiskState.Loading => EdgeDiskState.Opening,
                _ when !isCaughtUp => EdgeDiskState.Opening,
                DiskState.ReadOnly => EdgeDiskState.ReadOnly,
                _ => EdgeDiskState.Open,
            },
            Reason = state switch
            {
                DiskState.Loading => "its index is being read",
                DiskState.Ready when !isCaughtUp => "a silo has to tell first which purges were missed",
                DiskState.Ready => null,
                _ => _trouble,
            },
            CapacityBytes = CapacityBytes,
            Objects = Count,
            Bytes = Bytes,
            Hits = hits,
            WritesDropped = Dropped,
            PendingBytes = PendingBytes,
            Journal = _journal.Position,
        };
    }

    /// <summary>Of a directory that could not be opened.</summary>
    internal static EdgeDisk ReportFailed(string reason, long capacity) => new()
    {
        State = EdgeDiskState.Failed,
        Reason = Cut(reason),
        CapacityBytes = capacity,
    };

    private static string Cut(string text) => text.Length <= EdgeCondition.MaxTextLength ? text : text[..EdgeCondition.MaxTextLength];
}
