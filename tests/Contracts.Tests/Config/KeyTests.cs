using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Sections;
using OrleansCdn.Contracts.Config.Yaml;

namespace OrleansCdn.Contracts.Tests.Config;

/// <summary>Keys that a table has are read: an option that nobody reads would be worse than none.</summary>
public sealed class KeyTests
{
    [Fact]
    public void The_sample_says_something_for_every_key()
    {
        var said = new HashSet<string>();
        Visit(Tree(), RootSection.Table, (table, key, _) => said.Add($"{table.Where}/{key.Name}"));

        Assert.Equal(RootSection.AllTables.SelectMany(table => table.Keys.Select(key => $"{table.Where}/{key.Name}")).Order(), said.Order());
    }

    [Fact]
    public void Every_key_of_the_sample_makes_a_difference()
    {
        var entries = new List<(string Path, YamlEntry Entry)>();
        Visit(Tree(), RootSection.Table, (_, _, entry) => entries.Add((entry.Value.Path.ToString(), entry)));
        Assert.True(entries.Count > 60);
        foreach ((string path, YamlEntry _) in entries)
        {
            var errors = new ConfigErrors();
            CdnConfig? without = RootSection.Bind(Without(Tree(), path), errors);

            // Either it must be there, or something else holds when it is not.
            Assert.True(errors.Any || !ConfigDiff.Between(SampleFile.Config, without!).IsEmpty, $"{path} is read by nobody");
        }
    }

    private static YamlNode Tree() => YamlTreeReader.Read(SampleFile.Yaml, new ConfigErrors())!;

    private static void Visit(YamlNode node, KeyTable table, Action<KeyTable, Key, YamlEntry> visit)
    {
        // A value alone stands for one key of a section; it is said elsewhere in full.
        foreach (YamlEntry entry in node is YamlText ? [] : ((YamlMap)node).Entries)
        {
            Key key = table.Find(entry.Key.Text)!;
            visit(table, key, entry);
            switch (key)
            {
                case SectionKey section:
                    Visit(entry.Value, section.Table, visit);
                    break;
                case SectionListKey list:
                    ((YamlList)entry.Value).Items.ForEach(item => Visit(item, list.Table, visit));
                    break;
                case SectionMapKey map:
                    ((YamlMap)entry.Value).Entries.ForEach(item => Visit(item.Value, map.Table, visit));
                    break;
            }
        }
    }

    private static YamlNode Without(YamlNode node, string path)
    {
        switch (node)
        {
            case YamlMap map:
                var copy = new YamlMap(map.At, map.Path, map.NamedAt);
                foreach (YamlEntry entry in map.Entries.Where(entry => entry.Value.Path.ToString() != path))
                {
                    copy.Add(entry with { Value = Without(entry.Value, path) });
                }

                return copy;
            case YamlList list:
                var items = new YamlList(list.At, list.Path);
                items.Items.AddRange(list.Items.Select(item => Without(item, path)));
                return items;
            default:
                return node;
        }
    }
}
