namespace Orleans.Embedded;

/// <summary>One delegate given to AddJsonSerializer.</summary>
internal sealed record JsonPayloadTypes(Func<Type, bool> IsSupported);
