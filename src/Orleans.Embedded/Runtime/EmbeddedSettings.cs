using System.Globalization;
using Microsoft.Extensions.Configuration;
using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>The engine's own settings, from <c>Orleans:Embedded</c> of the configuration.</summary>
internal sealed record EmbeddedSettings
{
    public const string DatabaseKey = "Orleans:Embedded:Database";

    public const string MaxActivationsKey = "Orleans:Embedded:MaxActivations";

    /// <summary>At 1 to 2 KB for an activation of a small grain this is about half a GB.</summary>
    public const int DefaultMaxActivations = 250_000;

    /// <summary>Path of the SQLite file; null: none is configured.</summary>
    public required string? Database { get; init; }

    /// <summary>Most activations at a time; a call that would make one more is shed.</summary>
    public required int MaxActivations { get; init; }

    /// <summary>From here on the oldest idle activations are ended early.</summary>
    public int CrowdedAt => Math.Max(1, MaxActivations / 4 * 3);

    /// <exception cref="OrleansConfigurationException">A value is out of range.</exception>
    public static EmbeddedSettings Read(IConfiguration configuration)
    {
        int maxActivations = DefaultMaxActivations;
        if (configuration[MaxActivationsKey] is { } text
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out maxActivations) || maxActivations < 1))
        {
            throw new OrleansConfigurationException($"{MaxActivationsKey} is '{text}'; it has to be a whole number above 0.");
        }

        string? database = configuration[DatabaseKey];
        return new EmbeddedSettings { Database = string.IsNullOrWhiteSpace(database) ? null : database, MaxActivations = maxActivations };
    }
}
