using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>An argument or result could not be written as JSON or read back.</summary>
internal sealed class PayloadException(string message, Exception cause) : OrleansException(message, cause);
