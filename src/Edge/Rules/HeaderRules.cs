using System.Collections.Immutable;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Rules;

/// <summary>What the variables of a header rule's value stand for.</summary>
internal readonly record struct HeaderVariables(string Pop, string Host, string ClientAddress);

/// <summary>A site's changes of one kind of header, in order. Names and values were checked with the config.</summary>
internal sealed class HeaderRules
{
    private readonly Step[] _steps;

    private HeaderRules(ImmutableArray<HeaderRuleConfig> rules) => _steps = [.. rules.Select(rule => new Step(rule.Action, rule.Name, rule.Value ?? ""))];

    /// <summary>Null: there are none.</summary>
    public static HeaderRules? Of(ImmutableArray<HeaderRuleConfig> rules) => rules.IsEmpty ? null : new HeaderRules(rules);

    public List<KeyValuePair<string, StringValues>> Apply(IEnumerable<KeyValuePair<string, StringValues>> fields, HeaderVariables variables)
    {
        var changed = new List<KeyValuePair<string, StringValues>>(fields);
        foreach (Step step in _steps)
        {
            int at = changed.FindIndex(field => field.Key.Equals(step.Name, StringComparison.OrdinalIgnoreCase));
            if (step.Action == HeaderAction.Add && at >= 0)
            {
                changed[at] = new(changed[at].Key, StringValues.Concat(changed[at].Value, step.ValueFor(variables)));
                continue;
            }

            if (step.Action != HeaderAction.Add)
            {
                changed.RemoveAll(field => field.Key.Equals(step.Name, StringComparison.OrdinalIgnoreCase));
            }

            if (step.Action != HeaderAction.Remove)
            {
                changed.Add(new(step.Name, step.ValueFor(variables)));
            }
        }

        return changed;
    }

    public ResponseHeader Apply(ResponseHeader header, HeaderVariables variables) => new([.. Apply(header.Fields.ToArray(), variables)]);

    private sealed record Step(HeaderAction Action, string Name, string Value)
    {
        private readonly bool _isLiteral = !Value.Contains("${", StringComparison.Ordinal);

        public string ValueFor(HeaderVariables variables) => _isLiteral
            ? Value
            : Value.Replace("${pop}", variables.Pop, StringComparison.Ordinal)
                .Replace("${host}", variables.Host, StringComparison.Ordinal)
                .Replace("${client-ip}", variables.ClientAddress, StringComparison.Ordinal);
    }
}
