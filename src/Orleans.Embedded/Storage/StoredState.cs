namespace Orleans.Embedded;

/// <summary>A record as stored.</summary>
internal sealed record StoredState(string Etag, byte[] Payload);
