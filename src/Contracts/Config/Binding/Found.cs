using OrleansCdn.Contracts.Config.Yaml;

namespace OrleansCdn.Contracts.Config.Binding;

/// <summary>What a file says for one key.</summary>
/// <param name="Value">The value, or the key's default.</param>
/// <param name="Node">Where it stands; null: it was left out.</param>
/// <param name="Valid">False: its error is listed, and the value means nothing.</param>
internal readonly record struct Found<T>(T Value, YamlText? Node, bool Valid)
{
    public bool Given => Node is not null && Valid;
}
