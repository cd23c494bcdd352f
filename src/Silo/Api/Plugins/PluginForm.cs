namespace OrleansCdn.Silo.Api.Plugins;

/// <summary>Marks routes in another vendor's form: there a token may also come in that vendor's field.</summary>
internal sealed record PluginForm;
