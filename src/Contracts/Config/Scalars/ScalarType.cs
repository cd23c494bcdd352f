namespace OrleansCdn.Contracts.Config.Scalars;

/// <summary>Text to value: null when <paramref name="value"/> is right, else what is wrong, as in <c>'x' is not a number</c>.</summary>
internal delegate string? ScalarParser<T>(string text, out T value);

/// <summary>A kind of value in a config file.</summary>
/// <param name="Allowed">What is right, for messages and for docs/configuration.md.</param>
/// <param name="Parse">Reads one.</param>
/// <param name="Format">Writes one as it would stand in the file.</param>
internal sealed record ScalarType<T>(string Allowed, ScalarParser<T> Parse, Func<T, string> Format);
