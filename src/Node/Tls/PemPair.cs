using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansCdn.Node.Tls;

/// <summary>A certificate with its key and the chain that is sent with it, from PEM files.</summary>
public sealed record PemPair(X509Certificate2 Certificate, X509Certificate2Collection Chain)
{
    /// <summary>A chain of four certificates has some 8 KiB; a larger file is not a certificate file.</summary>
    public const int MaxFileBytes = 256 * 1024;

    /// <summary>Reads the leaf (first in the file) with its key; the certificates after it are its chain.</summary>
    /// <exception cref="CryptographicException">Not a certificate, or the key is not its key.</exception>
    /// <exception cref="IOException">A file is missing, too large or cannot be read.</exception>
    public static PemPair Load(string certificateFile, string keyFile)
    {
        string certificates = ReadText(certificateFile);
        X509Certificate2 leaf = X509Certificate2.CreateFromPem(certificates, ReadText(keyFile));
        X509Certificate2Collection chain = [];
        chain.ImportFromPem(certificates);
        if (chain.Count > 0)
        {
            chain[0].Dispose();
            chain.RemoveAt(0);
        }

        return new PemPair(leaf, chain);
    }

    /// <exception cref="CryptographicException">The file has no certificate.</exception>
    /// <exception cref="IOException">It is missing, too large or cannot be read.</exception>
    public static X509Certificate2Collection LoadAuthorities(string file)
    {
        X509Certificate2Collection authorities = [];
        authorities.ImportFromPem(ReadText(file));
        return authorities.Count > 0 ? authorities : throw new CryptographicException($"'{file}' has no certificate in PEM form");
    }

    private static string ReadText(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > MaxFileBytes)
            {
                throw new IOException($"'{path}' has {file.Length} bytes; a PEM file has at most {MaxFileBytes}");
            }

            using StreamReader reader = new(file);
            return reader.ReadToEnd();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"'{path}' may not be read by this user", e);
        }
    }
}
