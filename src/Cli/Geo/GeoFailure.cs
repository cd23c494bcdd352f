namespace OrleansCdn.Cli.Geo;

/// <summary>Why one package was not installed; the others are tried all the same.</summary>
internal sealed class GeoFailure(string message) : Exception(message);
