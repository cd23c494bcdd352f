using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace OrleansCdn.Contracts.Tests;

public sealed class JsonContractTests
{
    /// <summary>
    /// Nulls are not written, and what is required has to be there: a member that is both required and null would be written by one side
    /// and refused by the other.
    /// </summary>
    [Fact]
    public void What_is_required_and_may_be_null_is_always_written()
    {
        var nullability = new NullabilityInfoContext();
        var wrong = new List<string>();
        int required = 0;
        foreach (Type type in typeof(ContractsJson).Assembly.GetTypes().Where(t => !t.ContainsGenericParameters && t.Namespace?.StartsWith("OrleansCdn", StringComparison.Ordinal) == true))
        {
            if (ContractsJson.Default.GetTypeInfo(type) is not { Kind: JsonTypeInfoKind.Object } info)
            {
                continue;
            }

            foreach (JsonPropertyInfo property in info.Properties.Where(p => p.IsRequired || p.AssociatedParameter is { IsMemberInitializer: false, HasDefaultValue: false }))
            {
                required++;
                if (property.AttributeProvider is PropertyInfo member
                    && nullability.Create(member).ReadState == NullabilityState.Nullable
                    && member.GetCustomAttribute<JsonIgnoreAttribute>()?.Condition != JsonIgnoreCondition.Never)
                {
                    wrong.Add($"{type.Name}.{member.Name}");
                }
            }
        }

        Assert.True(required > 100, $"only {required} members were looked at");
        Assert.True(wrong.Count == 0, string.Join(", ", wrong));
    }
}
