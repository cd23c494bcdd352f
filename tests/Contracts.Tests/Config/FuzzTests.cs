using System.Text;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config.Yaml;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Testing;

namespace OrleansCdn.Contracts.Tests.Config;

/// <summary>
/// Damaged configs never throw, and their answer is whole: a config or errors that have a place in the text. A case that
/// fails is to be kept as a file in Corpus/, where it is tried for ever. <c>CDN_FUZZ_SEED</c> and <c>CDN_FUZZ_CASES</c>
/// repeat or lengthen a run.
/// </summary>
public sealed class FuzzTests
{
    private const int DefaultSeed = 20261122;
    private const int DefaultCases = 20_000;

    /// <summary>Pieces that mean something to YAML or to the binder.</summary>
    private static readonly string[] Pieces =
    [
        "[", "]", "{", "}", ",", ": ", ":", "- ", "? ", "& ", "*a", "!", "!!str ", "|", ">", "'", "\"", "#", "%", "@", "`", "~", "null", "---\n",
        "...\n", "\n", "\n\n", "\t", " ", "  ", "\r", "\0", "\u00a0", "\u2028", "\uFEFF", "\ud800", "ż", "<<: ", "\\", "\\u", "0", "-1", "1e999",
        "99999999999999999999", "true", "[::]:443", "10.0.0.0/8", "*.", "xn--", "http://[", "https://a@b", "1d", "1TiB", "none", "key: value\n",
        "%YAML 1.1\n", "%TAG ! tag:x,2000:\n", "&a [*a]",
    ];

    public static TheoryData<string> Corpus()
    {
        var files = new TheoryData<string>();
        foreach (string file in Directory.GetFiles(Path.Combine(Files.Root, "tests/Contracts.Tests/Config/Corpus")))
        {
            files.Add(Path.GetFileName(file));
        }

        return files;
    }

    [Theory]
    [MemberData(nameof(Corpus))]
    public void Every_kept_case_is_answered(string file) => AssertAnswered(Files.Read($"tests/Contracts.Tests/Config/Corpus/{file}"));

    [Fact]
    public void Every_beginning_of_an_example_is_answered()
    {
        foreach (string example in Examples())
        {
            for (int length = 0; length <= example.Length; length++)
            {
                AssertAnswered(example[..length]);
            }
        }
    }

    [Fact]
    public void Damaged_examples_are_answered()
    {
        int seed = Setting.Number("CDN_FUZZ_SEED", DefaultSeed);
        int cases = Setting.Number("CDN_FUZZ_CASES", DefaultCases);
        string[] examples = Examples();
        int valid = 0;
        for (int i = 0; i < cases; i++)
        {
            // A generator per case, so that one case can be repeated alone.
            var random = new Random(HashCode(seed, i));
            string text = Damage(examples[random.Next(examples.Length)], random);
            try
            {
                valid += AssertAnswered(text) ? 1 : 0;
            }
            catch (Exception failure)
            {
                Assert.Fail($"seed {seed}, case {i}: {failure}\nThe text, to be kept in Corpus/:\n{text}");
            }
        }

        // Neither all dead nor all alive: the damage reaches the binder and its rules.
        Assert.InRange(valid, cases / 100, cases / 2);
    }

    private static string[] Examples() =>
    [
        SampleFile.Yaml,
        .. Directory.GetFiles(Path.Combine(Files.Root, "examples"), "*.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllText),
    ];

    /// <returns>True for a valid config.</returns>
    private static bool AssertAnswered(string text)
    {
        ConfigReadResult result = ConfigReader.Read(text);
        Assert.Equal(result.Config is null, result.Errors.Length > 0);
        Assert.True(result.Errors.Length <= ConfigErrors.MaxListed + 1);
        int lines = text.Count(c => c is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029') + 1;
        var last = default(FilePosition);
        foreach (ConfigError error in result.Errors)
        {
            if (error.Line == 0)
            {
                Assert.Same(result.Errors[^1], error);
                continue;
            }

            Assert.InRange(error.Line, 1, lines + 1);
            Assert.InRange(error.Column, 1, text.Length + 2);
            Assert.True(last.CompareTo(new FilePosition(error.Line, error.Column)) <= 0, "not in the order of the file");
            last = new FilePosition(error.Line, error.Column);
            Assert.DoesNotContain(ConfigErrorText.Format("f", error), char.IsControl);
            Assert.True((error.Value?.Length ?? 0) <= ConfigErrors.MaxValueLength);
        }

        if (result.Config is CdnConfig config)
        {
            // Whatever passes can be sent to an edge and comes back the same.
            Assert.Empty(ConfigDiff.Between(config, JsonTests.RoundTrip(config)));
        }

        return result.Config is not null;
    }

    private static string Damage(string text, Random random)
    {
        var damaged = new StringBuilder(text);
        int edits = 1 + random.Next(4);
        for (int i = 0; i < edits && damaged.Length > 0; i++)
        {
            int at = random.Next(damaged.Length);
            int length = Math.Min(1 << random.Next(6), damaged.Length - at);
            switch (random.Next(8))
            {
                case 0:
                    damaged.Remove(at, length);
                    break;
                case 1:
                    damaged.Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                case 2:
                    damaged[at] = (char)random.Next(1, 128);
                    break;
                case 3:
                    damaged.Insert(random.Next(damaged.Length), damaged.ToString(at, length));
                    break;
                case 4:
                    damaged.Length = at;
                    break;
                case 5:
                    ChangeLines(damaged, random);
                    break;
                case 6:
                    damaged.Remove(at, Math.Min(1, length)).Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                default:
                    damaged[at] = (char)random.Next(1, 0x10000);
                    break;
            }
        }

        return damaged.ToString();
    }

    /// <summary>Whole lines go, come twice, or change places or depth: the damage that copying and pasting does.</summary>
    private static void ChangeLines(StringBuilder text, Random random)
    {
        List<string> lines = [.. text.ToString().Split('\n')];
        int line = random.Next(lines.Count);
        switch (random.Next(4))
        {
            case 0:
                lines.RemoveAt(line);
                break;
            case 1:
                lines.Insert(random.Next(lines.Count), lines[line]);
                break;
            case 2:
                lines[line] = new string(' ', random.Next(5)) + lines[line];
                break;
            default:
                lines[line] = lines[line].TrimStart();
                break;
        }

        text.Clear().AppendJoin('\n', lines);
    }

    /// <summary>Unlike System.HashCode the same in every run.</summary>
    private static int HashCode(int seed, int i) => unchecked((seed * 397) ^ (i * 7919));
}
