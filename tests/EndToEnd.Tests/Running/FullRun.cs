namespace OrleansCdn.EndToEnd.Tests.Running;

/// <summary>With CDN_E2E_FULL=1 tests go the long way where they have one.</summary>
internal static class FullRun
{
    public static bool IsOn => Environment.GetEnvironmentVariable("CDN_E2E_FULL") == "1";
}
