namespace OrleansCdn.Cli;

/// <summary>What every command ends with; scripts rely on these numbers (docs/cli.md).</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>Refused by the API, or it could not be done.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage: nothing was tried.</summary>
    public const int Usage = 2;

    /// <summary>Done in part: the output names what is missing.</summary>
    public const int Partial = 3;
}
