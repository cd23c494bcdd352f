namespace OrleansCdn.Cli.Lab;

/// <summary>
/// Geo databases of the lab: the config's own where they are on this machine, else the examples that this program carries
/// (examples/geo), so that visitors have places without any download.
/// </summary>
internal sealed class LabGeo(string directory)
{
    private const string Prefix = "geo/";

    /// <returns>Where to read in place of <paramref name="path"/>; itself when no example has its name.</returns>
    public string Of(string path)
    {
        string name = Path.GetFileName(path);
        if (File.Exists(path) || typeof(LabGeo).Assembly.GetManifestResourceStream(Prefix + name) is not { } example)
        {
            return path;
        }

        using (example)
        {
            Directory.CreateDirectory(directory);
            string copy = Path.Combine(directory, name);
            using FileStream file = File.Create(copy);
            example.CopyTo(file);
            return copy;
        }
    }
}
