namespace OrleansCdn.Cli.Lab;

/// <summary>The lab's directory: a temporary one that goes with it, or the operator's, held by one lab at a time.</summary>
internal sealed class LabData : IDisposable
{
    private readonly bool _temporary;
    private readonly FileStream _lock;

    private LabData(string root, bool temporary, FileStream held)
    {
        Root = root;
        _temporary = temporary;
        _lock = held;
        Directory.CreateDirectory(Logs);
    }

    public string Root { get; }

    public string Logs => Path.Combine(Root, "logs");

    public string Tls => Path.Combine(Root, "tls");

    public string TokensFile => Path.Combine(Root, "tokens.json");

    public string Silo => Path.Combine(Root, "silo");

    public string Geo => Path.Combine(Root, "geo");

    /// <summary>The config whose neighbours the lab's internet is.</summary>
    public string InternetConfig => Path.Combine(Root, "internet.yaml");

    public bool Kept => !_temporary;

    public string Edge(string name) => Path.Combine(Root, "edges", name);

    /// <param name="edge">The edge that it stands beside.</param>
    public string Announcer(string edge) => Path.Combine(Root, "announcers", edge);

    /// <exception cref="CommandFailure">It cannot be made, or another lab runs on it.</exception>
    public static LabData Open(string? directory)
    {
        try
        {
            string root = directory is null ? Directory.CreateTempSubdirectory("cdn-lab-").FullName : Path.GetFullPath(directory);
            Directory.CreateDirectory(root);
            var held = new FileStream(Path.Combine(root, "lab.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new LabData(root, directory is null, held);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(
                ExitCode.Failed, $"cannot use {directory ?? Path.GetTempPath()} as data directory: {e.Message}", "Does another lab run on it? Choose another with --data.");
        }
    }

    public void Dispose()
    {
        _lock.Dispose();
        if (!_temporary)
        {
            return;
        }

        try
        {
            Directory.Delete(Root, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It lies in the temporary directory, which the system clears.
        }
    }
}
