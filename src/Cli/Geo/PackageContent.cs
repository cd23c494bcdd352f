using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using OrleansCdn.Cli.Output;
using OrleansCdn.Dns.Geo.Mmdb;

namespace OrleansCdn.Cli.Geo;

/// <summary>
/// What of a package is wanted: its database, or the tables of which one can be made, and its licences. Nothing is unpacked to disk, and
/// names within the package are never paths.
/// </summary>
internal sealed class PackageContent
{
    /// <summary>Packages of databases have a dozen files.</summary>
    private const int MaxEntries = 1_000;

    /// <summary>The licences of the sources, a page each.</summary>
    private const int MaxLicenseBytes = 64 * 1024;

    private PackageContent()
    {
    }

    /// <summary>Null: it has none.</summary>
    public byte[]? Database { get; private set; }

    /// <summary>By name: <c>asn-ipv4.csv</c>.</summary>
    public SortedDictionary<string, byte[]> Tables { get; } = [];

    public SortedDictionary<string, string> Licenses { get; } = [];

    /// <exception cref="GeoFailure">It is no package, or far too large.</exception>
    public static async Task<PackageContent> ReadAsync(string tarball, CancellationToken cancellationToken)
    {
        var content = new PackageContent();
        try
        {
            await using FileStream file = File.OpenRead(tarball);
            await using var gzip = new GZipStream(file, CompressionMode.Decompress);
            await using var bounded = new BoundedStream(gzip, MmdbFile.MaxBytes);
            await using var tar = new TarReader(bounded);
            for (int entries = 0; await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry; entries++)
            {
                if (entries == MaxEntries)
                {
                    throw new GeoFailure($"the package has more than {MaxEntries} files");
                }

                if (entry is { EntryType: TarEntryType.RegularFile or TarEntryType.V7RegularFile, DataStream: { } data })
                {
                    await content.TakeAsync(entry.Name[(entry.Name.LastIndexOf('/') + 1)..], entry.Length, data, cancellationToken);
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new GeoFailure("the package cannot be unpacked: " + e.Message);
        }

        return content;
    }

    private async Task TakeAsync(string name, long length, Stream data, CancellationToken cancellationToken)
    {
        if (name.EndsWith(".mmdb", StringComparison.Ordinal))
        {
            // Packages may have a family each beside the whole.
            bool isPart = name.EndsWith("-ipv4.mmdb", StringComparison.Ordinal) || name.EndsWith("-ipv6.mmdb", StringComparison.Ordinal);
            if (!isPart)
            {
                Database = Database is null ? await BytesAsync(length, data, cancellationToken) : throw new GeoFailure("the package has several databases");
            }
        }
        else if (name.EndsWith("-ipv4.csv", StringComparison.Ordinal) || name.EndsWith("-ipv6.csv", StringComparison.Ordinal))
        {
            Tables[name] = await BytesAsync(length, data, cancellationToken);
        }
        else if (name.Contains("LICENSE", StringComparison.Ordinal) && length <= MaxLicenseBytes)
        {
            Licenses[name] = Encoding.UTF8.GetString(await BytesAsync(length, data, cancellationToken));
        }
    }

    private static async Task<byte[]> BytesAsync(long length, Stream data, CancellationToken cancellationToken)
    {
        // The header may say anything; memory is taken as octets come.
        if (length > MmdbFile.MaxBytes)
        {
            throw new GeoFailure($"the package has a file of more than {Units.Bytes(MmdbFile.MaxBytes)}");
        }

        using var bytes = new MemoryStream();
        await data.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }
}
