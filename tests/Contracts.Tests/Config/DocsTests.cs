using System.Text;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Sections;

namespace OrleansCdn.Contracts.Tests.Config;

/// <summary>
/// docs/configuration.md shows the tables that the binder works with. To write them anew after a change of a key, run the
/// tests with <c>CDN_WRITE_DOCS=1</c> and look at the difference.
/// </summary>
public sealed class DocsTests
{
    private const string Page = "docs/configuration.md";
    private const string End = "<!-- end -->";

    [Fact]
    public void The_tables_of_the_docs_are_the_binders_own()
    {
        string page = Files.Read(Page);
        string expected = page;
        foreach (KeyTable table in RootSection.AllTables)
        {
            string begin = $"<!-- keys: {table.Where} -->\n";
            int start = expected.IndexOf(begin, StringComparison.Ordinal);
            Assert.True(start >= 0, $"{Page} has no place for {table.Where}");
            int end = expected.IndexOf(End, start, StringComparison.Ordinal);
            expected = string.Concat(expected.AsSpan(0, start + begin.Length), Render(table), expected.AsSpan(end));
        }

        if (Environment.GetEnvironmentVariable("CDN_WRITE_DOCS") == "1")
        {
            File.WriteAllText(Path.Combine(Files.Root, Page), expected);
            return;
        }

        Assert.Equal(expected, page);
    }

    /// <summary>A table that nobody hangs under another would be in no file and in no docs.</summary>
    [Fact]
    public void Every_table_can_be_reached_from_the_root()
    {
        var reached = new List<KeyTable>();
        Walk(RootSection.Table);
        Assert.Equal(RootSection.AllTables.Select(table => table.Where).Order(), reached.Select(table => table.Where).Order());

        void Walk(KeyTable table)
        {
            reached.Add(table);
            foreach (Key key in table.Keys)
            {
                KeyTable? below = key switch
                {
                    SectionKey section => section.Table,
                    SectionListKey list => list.Table,
                    SectionMapKey map => map.Table,
                    _ => null,
                };
                if (below is not null)
                {
                    Walk(below);
                }
            }
        }
    }

    private static string Render(KeyTable table)
    {
        var text = new StringBuilder($"`{table.Where}`:\n\n".Replace("`the whole file`", "At the top", StringComparison.Ordinal));
        text.Append("| key | value | default | meaning |\n|---|---|---|---|\n");
        foreach (Key key in table.Keys)
        {
            text.Append($"| `{key.Name}` | {key.Allowed.Replace("*", "\\*", StringComparison.Ordinal)} | {key.Default ?? "**must be given**"} | {key.Meaning} |\n");
        }

        return text.ToString();
    }
}
