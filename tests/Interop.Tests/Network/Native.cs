using System.ComponentModel;
using System.Runtime.InteropServices;

namespace OrleansCdn.Interop.Tests.Network;

/// <summary>What .NET has no names for.</summary>
internal static partial class Native
{
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>Numbers of Linux on x86-64 and arm64 (<c>signal(7)</c>).</summary>
    public const int Continue = 18;

    /// <inheritdoc cref="Continue"/>
    public const int Stop = 19;

    private const int CloneNewNet = 0x40000000;

    public static void Signal(int process, int signal)
    {
        if (SendSignal(process, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"signal {signal} to process {process}");
        }
    }

    public static bool Exists(int process) => SendSignal(process, 0) == 0;

    /// <summary>Moves the calling thread, and nothing else, into another network namespace.</summary>
    public static void EnterNetwork(SafeHandle network)
    {
        if (SetNamespace(network, CloneNewNet) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "setns");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeHandle fd, int kind);
}
