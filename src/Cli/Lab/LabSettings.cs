namespace OrleansCdn.Cli.Lab;

/// <summary>What the lab was asked for on the command line.</summary>
internal sealed record LabSettings
{
    /// <summary>See <see cref="LabPorts"/>.</summary>
    public const int DefaultBasePort = 8080;

    /// <summary>Null: the sample origin.</summary>
    public Uri? Origin { get; init; }

    public required int BasePort { get; init; }

    /// <summary>Null: a fresh temporary directory that goes with the lab.</summary>
    public string? DataDirectory { get; init; }

    public string? ReadyFile { get; init; }

    /// <summary>Null: the example network, or with a kept data directory what is in force there.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Networks and relations of the lab's internet; null: the graph that comes with this program.</summary>
    public string? GraphFile { get; init; }

    /// <summary>False: a process that dies stays dead, for tests of what the others do then.</summary>
    public required bool Restart { get; init; }

    /// <summary>Write the ready file's content to standard output, and no table.</summary>
    public required bool Json { get; init; }
}
