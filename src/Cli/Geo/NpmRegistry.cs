using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;

namespace OrleansCdn.Cli.Geo;

/// <summary>The part of an npm registry that is needed: a package's newest version, and its tarball with the hash that it was published under.</summary>
internal sealed class NpmRegistry(Uri url) : IDisposable
{
    /// <summary>Database packages of today have up to 70 MiB.</summary>
    public const long MaxTarballBytes = 512L << 20;

    /// <summary>One version's metadata has some 2 KiB.</summary>
    private const int MaxManifestBytes = 1 << 20;

    private const int BufferBytes = 128 * 1024;
    private const string Sha512Prefix = "sha512-";

    /// <summary>A registry that says nothing for so long is not going to.</summary>
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new() { Timeout = SilenceLimit, MaxResponseContentBufferSize = MaxManifestBytes };

    /// <exception cref="GeoFailure">There is no such package, or the registry does not say what is needed.</exception>
    public async Task<NpmManifest> LatestAsync(string package, CancellationToken cancellationToken)
    {
        var address = new Uri(url, package.Replace("/", "%2f", StringComparison.Ordinal) + "/latest");
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(address, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                throw new GeoFailure($"the registry {url} has no package of that name");
            }

            if (!response.IsSuccessStatusCode)
            {
                throw new GeoFailure($"{address} answers {(int)response.StatusCode}");
            }

            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return JsonSerializer.Deserialize(body, GeoJson.Default.NpmManifest) ?? throw new JsonException("nothing");
        }
        catch (JsonException e)
        {
            throw new GeoFailure($"{address} does not answer like a registry ({e.Message})");
        }
        catch (Exception e) when (IsNetwork(e, cancellationToken))
        {
            throw new GeoFailure($"{address} cannot be fetched: {e.Message}");
        }
    }

    /// <summary>
    /// Fetches a tarball into a file, going on where an earlier try has ended. When this returns the file has what was published: a file
    /// whose hash is another one is removed.
    /// </summary>
    /// <returns>Octets fetched now.</returns>
    /// <exception cref="GeoFailure">It did not come whole, or is not what was published. What has come is kept for the next try.</exception>
    public async Task<long> FetchAsync(NpmManifest manifest, string path, IProgress<(long Done, long? Of)>? progress, CancellationToken cancellationToken)
    {
        byte[] published = Sha512(manifest.Dist.Integrity);
        Uri tarball = Tarball(manifest.Dist.Tarball);
        try
        {
            long fetched = await AppendAsync(tarball, path, progress, cancellationToken);
            byte[] hash;
            await using (FileStream file = File.OpenRead(path))
            {
                hash = await SHA512.HashDataAsync(file, cancellationToken);
            }

            if (!CryptographicOperations.FixedTimeEquals(hash, published))
            {
                File.Delete(path);
                throw new GeoFailure($"{tarball} is not what was published: its SHA-512 is another one; try again, or ask another registry");
            }

            return fetched;
        }
        catch (Exception e) when (IsNetwork(e, cancellationToken))
        {
            throw new GeoFailure($"{tarball} cannot be fetched: {e.Message}; what has come is kept, try again");
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<long> AppendAsync(Uri tarball, string path, IProgress<(long Done, long? Of)>? progress, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
        using var request = new HttpRequestMessage(HttpMethod.Get, tarball);
        if (file.Length > 0)
        {
            request.Headers.Range = new RangeHeaderValue(file.Length, null);
        }

        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return 0; // All of it has come already; the hash decides.
        }

        if (!response.IsSuccessStatusCode)
        {
            throw new GeoFailure($"{tarball} answers {(int)response.StatusCode}");
        }

        if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != file.Length)
        {
            file.SetLength(0);
        }

        long begin = file.Seek(0, SeekOrigin.End);
        long? whole = response.Content.Headers.ContentLength is { } length ? begin + length : null;
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        byte[] buffer = new byte[BufferBytes];
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        while (true)
        {
            silence.CancelAfter(SilenceLimit);
            int count = await body.ReadAsync(buffer, silence.Token);
            if (count == 0)
            {
                return file.Length - begin;
            }

            if (file.Length + count > MaxTarballBytes)
            {
                file.SetLength(0);
                throw new GeoFailure($"{tarball} has more than {Units.Bytes(MaxTarballBytes)}");
            }

            await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            progress?.Report((file.Length, whole));
        }
    }

    private static byte[] Sha512(string? integrity)
    {
        // Several hashes may be given, each with options behind a question mark (W3C Subresource Integrity).
        string? base64 = integrity?.Split(' ').FirstOrDefault(part => part.StartsWith(Sha512Prefix, StringComparison.Ordinal))?[Sha512Prefix.Length..].Split('?')[0];
        byte[] hash = new byte[SHA512.HashSizeInBytes];
        return base64 is not null && Convert.TryFromBase64String(base64, hash, out int count) && count == hash.Length
            ? hash
            : throw new GeoFailure("the registry gives no SHA-512 of the package, without which it is not believed");
    }

    /// <summary>Mirrors repeat the public registry's addresses; npm asks the mirror all the same (its <c>replace-registry-host</c>).</summary>
    private Uri Tarball(string text)
    {
        if (!Uri.TryCreate(url, text, out Uri? tarball) || tarball.Scheme is not ("http" or "https"))
        {
            throw new GeoFailure($"the registry gives '{PlainText.Of(text)}' for the package's address");
        }

        var known = new Uri(NpmRegistryUrl.Public);
        return tarball.Host == known.Host && url.Host != known.Host ? new Uri(url, tarball.AbsolutePath[1..]) : tarball;
    }

    private static bool IsNetwork(Exception e, CancellationToken cancellationToken) =>
        TransportFailure.Is(e) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
