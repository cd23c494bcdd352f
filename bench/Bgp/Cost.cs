using System.Diagnostics;

namespace OrleansCdn.Bench.Bgp;

/// <summary>What the process has used so far.</summary>
internal readonly record struct Cost(TimeSpan Processor, long AllocatedBytes, long HeapBytes, long ResidentBytes)
{
    public static Cost Now()
    {
        long heap = GC.GetTotalMemory(forceFullCollection: true);
        using var self = Process.GetCurrentProcess();
        return new Cost(self.TotalProcessorTime, GC.GetTotalAllocatedBytes(), heap, self.WorkingSet64);
    }

    /// <param name="before">Of the same process.</param>
    /// <param name="sessions">Pairs: both sides of each session are in this process.</param>
    /// <param name="time">That has passed for them.</param>
    public void Print(string what, Cost before, int sessions, TimeSpan time)
    {
        double processor = (Processor - before.Processor).TotalSeconds;
        Console.WriteLine(
            $"{what}: {processor:0.00} s of one core ({processor / time.TotalSeconds:0.000 %} of the time), "
            + $"{(HeapBytes - before.HeapBytes) / 1024.0 / sessions:0.0} KiB of heap and {(AllocatedBytes - before.AllocatedBytes) / 1024.0 / sessions / time.TotalSeconds:0.00} KiB allocated a second "
            + $"for each session with both its ends; resident {ResidentBytes / 1048576.0:0} MiB");
    }
}
