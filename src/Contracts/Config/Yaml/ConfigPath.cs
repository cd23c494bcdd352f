using System.Globalization;
using System.Text;

namespace OrleansCdn.Contracts.Config.Yaml;

/// <summary>
/// Where a node hangs: <c>sites.www.origins[0].url</c>. A chain to the root, put into text only when a message needs it.
/// </summary>
internal sealed class ConfigPath
{
    /// <summary>A key of a hostile file can be a megabyte long; ids end at 64 characters (see <see cref="ConfigLimits"/>).</summary>
    private const int MaxSegment = 80;

    public static readonly ConfigPath Root = new(null, "", 0);

    private readonly ConfigPath? _parent;
    private readonly string? _key;
    private readonly int _index;

    private ConfigPath(ConfigPath? parent, string? key, int index)
    {
        _parent = parent;
        _key = key;
        _index = index;
    }

    public ConfigPath Key(string key) => new(this, key, 0);

    public ConfigPath Item(int index) => new(this, null, index);

    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text);
        return text.ToString();
    }

    private void Append(StringBuilder text)
    {
        if (_parent is null)
        {
            return;
        }

        _parent.Append(text);
        if (_key is null)
        {
            text.Append(CultureInfo.InvariantCulture, $"[{_index}]");
            return;
        }

        if (text.Length > 0)
        {
            text.Append('.');
        }

        text.Append(PrintableText.Of(_key, MaxSegment));
    }
}
