using System.Globalization;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Geo.Mmdb;

namespace OrleansCdn.Dns.Geo;

/// <summary>One database on disk. What was read stays in force when the file goes away or is damaged.</summary>
internal sealed class GeoFile(string? path)
{
    private readonly GeoFileWatch _watch = new();

    public GeoDatabase? Database { get; private set; }

    public GeoFileStatus Status { get; private set; } = new(path, path is null ? GeoFileState.NotConfigured : GeoFileState.Missing);

    /// <returns>Whether another database is in force.</returns>
    public bool Look()
    {
        if (path is null)
        {
            return false;
        }

        try
        {
            var info = new FileInfo(path);
            bool exists = info.Exists;
            if (!_watch.Step(exists ? new FileStamp(info.LastWriteTimeUtc, info.CreationTimeUtc, info.Length) : null))
            {
                if (!exists)
                {
                    Say(GeoFileState.Missing, "there is no such file");
                }

                return false;
            }

            if (info.Length > MmdbFile.MaxBytes)
            {
                Say(GeoFileState.Unusable, string.Create(CultureInfo.InvariantCulture, $"has {info.Length} octets; {MmdbFile.MaxBytes} are the most"));
                return false;
            }

            GeoReadResult read = GeoDatabase.Read(File.ReadAllBytes(path));
            Database = read.Database ?? Database;
            Say(read.Database is null ? GeoFileState.Unusable : GeoFileState.InForce, read.Error);
            return read.Database is not null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Say(GeoFileState.Missing, e.Message);
            return false;
        }
    }

    private void Say(GeoFileState state, string? error) =>
        Status = new GeoFileStatus(path, state, error, Database?.Metadata.DatabaseType, Database?.Metadata.Built);
}
