using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Config;

/// <summary>One change of a message's header.</summary>
public sealed record HeaderRuleConfig
{
    public required HeaderAction Action { get; init; }

    public required string Name { get; init; }

    /// <summary>With variables such as <c>${pop}</c>; null with <see cref="HeaderAction.Remove"/>.</summary>
    public string? Value { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<HeaderAction>))]
public enum HeaderAction
{
    /// <summary>One line with the value, in the place of all there were.</summary>
    Set,

    /// <summary>One line more.</summary>
    Add,

    Remove,
}
