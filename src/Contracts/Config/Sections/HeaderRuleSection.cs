using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

/// <summary>One change of requests to the origin, or of responses to visitors.</summary>
internal sealed class HeaderRuleSection
{
    public static readonly HeaderRuleSection Request = new("sites.ID.request-headers[]", HeaderTexts.RequestField, HeaderTexts.RequestValue);

    public static readonly HeaderRuleSection Response = new("sites.ID.response-headers[]", HeaderTexts.ResponseField, HeaderTexts.ResponseValue);

    private readonly ScalarKey<string> _set;
    private readonly ScalarKey<string> _add;
    private readonly ScalarKey<string> _remove;

    private HeaderRuleSection(string where, ScalarType<string> field, ScalarType<string> value)
    {
        _set = ScalarKey<string>.Optional("set", field, "nothing is set", "The field to set: one line with the value, in the place of all there were.");
        _add = ScalarKey<string>.Optional("add", field, "nothing is added", "The field to add one more line to.");
        _remove = ScalarKey<string>.Optional("remove", field, "nothing is removed", "The field to take out.");
        Value = ScalarKey<string>.Optional("value", value, "no value", "With `set` and `add`.");
        Table = new KeyTable(where, [_set, _add, _remove, Value]);
    }

    public ScalarKey<string> Value { get; }

    public KeyTable Table { get; }

    /// <summary>The key that says what to do.</summary>
    public ScalarKey<string> KeyOf(HeaderAction action) => action switch
    {
        HeaderAction.Set => _set,
        HeaderAction.Add => _add,
        _ => _remove,
    };

    /// <returns>Null when the rule has a mistake.</returns>
    public HeaderRuleConfig? Bind(MapReader keys)
    {
        Found<string> set = keys.Read(_set);
        Found<string> add = keys.Read(_add);
        Found<string> remove = keys.Read(_remove);
        Found<string> value = keys.Read(Value);
        if (!set.Valid || !add.Valid || !remove.Valid || !value.Valid || keys.HasUnknownKeys)
        {
            return null;
        }

        (HeaderAction Action, string Name)[] said =
        [
            .. set.Given ? [(HeaderAction.Set, set.Value)] : Array.Empty<(HeaderAction, string)>(),
            .. add.Given ? [(HeaderAction.Add, add.Value)] : Array.Empty<(HeaderAction, string)>(),
            .. remove.Given ? [(HeaderAction.Remove, remove.Value)] : Array.Empty<(HeaderAction, string)>(),
        ];
        if (said.Length != 1)
        {
            keys.Report("does not say one thing to do", "set or add with value, or remove");
            return null;
        }

        if (value.Given == (said[0].Action == HeaderAction.Remove))
        {
            keys.Report(value.Given ? "has a value for what is removed" : "has no value", "set or add with value, or remove");
            return null;
        }

        return new HeaderRuleConfig { Action = said[0].Action, Name = said[0].Name, Value = value.Given ? value.Value : null };
    }
}
