using System.Runtime.CompilerServices;
using System.Text;

namespace OrleansCdn.Testing;

/// <summary>
/// Kept inputs of tests/corpus and damage done to them, the same for the same seed. A text stands for octets, one character
/// (U+0000 to U+00FF) each, as fields come from a connection.
/// </summary>
public static class FuzzInput
{
    private const int DefaultSeed = 20261124;
    private const int DefaultRounds = 5_000;

    /// <summary>Fewer kept inputs than that do not show what a parser is for.</summary>
    private const int LeastKept = 8;

    /// <summary>Longer than most limits that a case is about; repeating must not run away.</summary>
    private const int MaxLength = 4096;

    private static readonly string[] Pieces =
    [
        ",", ";", "=", "\"", "\\", "\\\"", " ", "\t", "-", "/", ":", "*", "?", "?1", "@", "%", "%00", "(", ")", "W/", "\0", "\r\n", "\r\n\r\n", "\n",
        "0", "-1", "+1", "2147483648", "9223372036854775807", "9223372036854775808", "999999999999999", "18446744073709551616", "bytes=", "q=0",
        "q=1.0000", "max-age=", "no-store", "\u00ff", "\u0080", "\u00c3\u00a9", "HTTP/1.1 103 ", "://", "[", "]", "{", "}", "null", "true", "\\u0000", "\\ud800",
        ":0", ":443", "GMT", ", ", "\r", "\u007f", "\u000b", "chunked", "1e999", "[]", "{}", "#", "..", "?x",
    ];

    private static int Seed => Setting.Number("CDN_FUZZ_SEED", DefaultSeed);

    /// <summary>Cases of one test in memory; those with sockets or files take a share.</summary>
    private static int Rounds => Setting.Number("CDN_FUZZ_ROUNDS", DefaultRounds);

    /// <summary>Hands <paramref name="check"/> each kept input as it is, then damaged ones; a failure tells the seed, the case and the input.</summary>
    public static void Run(string corpus, Action<string, Random> check) => Run(corpus, Read(corpus), check);

    /// <param name="share">One of that many of the usual number of cases.</param>
    /// <param name="least">For what is quick and stands open to everyone: at least so many.</param>
    public static void Run(string name, string[] kept, Action<string, Random> check, int share = 1, int least = 0)
    {
        for (int i = 0; i < kept.Length + Math.Max(Rounds / share, least); i++)
        {
            (string text, Random random) = Case(kept, i);
            try
            {
                check(text, random);
            }
            catch (Exception failure)
            {
                Fail(name, i, text, failure);
            }
        }
    }

    /// <inheritdoc cref="Run(string, string[], Action{string, Random}, int, int)"/>
    public static async Task RunAsync(string corpus, Func<string, Random, Task> check, int share)
    {
        string[] kept = Read(corpus);
        for (int i = 0; i < kept.Length + (Rounds / share); i++)
        {
            (string text, Random random) = Case(kept, i);
            try
            {
                await check(text, random);
            }
            catch (Exception failure)
            {
                Fail(corpus, i, text, failure);
            }
        }
    }

    public static byte[] Octets(string text) => Encoding.Latin1.GetBytes(text);

    public static string Text(ReadOnlySpan<byte> octets) => Encoding.Latin1.GetString(octets);

    public static string[] Read(string corpus) => ReadBeside(corpus);

    private static string[] ReadBeside(string corpus, [CallerFilePath] string thisFile = "")
    {
        string directory = Path.Combine(Path.GetDirectoryName(thisFile)!, "../corpus", corpus);
        string[] kept = [.. Directory.GetFiles(directory).Order(StringComparer.Ordinal).Select(file => Text(File.ReadAllBytes(file)))];
        return kept.Length >= LeastKept ? kept : throw new InvalidOperationException($"the corpus {corpus} is nearly empty");
    }

    /// <summary>One to four edits: cut, joined with another input, repeated, a bit turned, a telling piece put in.</summary>
    public static string Damage(string[] kept, Random random)
    {
        var text = new StringBuilder(kept[random.Next(kept.Length)]);
        for (int edits = 1 + random.Next(4); edits > 0; edits--)
        {
            int at = random.Next(text.Length + 1);
            int length = Math.Min(1 << random.Next(6), text.Length - at);
            switch (random.Next(8))
            {
                case 0:
                    text.Remove(at, length);
                    break;
                case 1 when random.Next(3) == 0:
                    text.Length = at;
                    break;
                case 2:
                    string other = kept[random.Next(kept.Length)];
                    text.Length = at;
                    text.Append(other.AsSpan(random.Next(other.Length + 1)));
                    break;
                case 3 when length > 0:
                    string part = text.ToString(at, length);
                    for (int times = 1 << random.Next(8); times > 0 && text.Length + length <= MaxLength; times--)
                    {
                        text.Insert(at, part);
                    }

                    break;
                case 4 or 5 when length > 0:
                    text[at] = (char)(text[at] ^ (1 << random.Next(8)));
                    break;
                default:
                    text.Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
            }
        }

        return text.ToString();
    }

    /// <summary>A generator per case, so that one case can be repeated alone.</summary>
    private static (string Text, Random Random) Case(string[] kept, int i)
    {
        var random = new Random(unchecked((Seed * 397) ^ (i * 7919)));
        return (i < kept.Length ? kept[i] : Damage(kept, random), random);
    }

    private static void Fail(string corpus, int i, string text, Exception failure) => throw new InvalidOperationException(
        $"seed {Seed}, case {i}: {failure}\nThe input, to be kept in tests/corpus/{corpus}/, in hexadecimal: {Convert.ToHexString(Octets(text))}\n{text}");
}
