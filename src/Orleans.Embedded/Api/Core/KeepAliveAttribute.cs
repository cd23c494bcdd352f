using System.Diagnostics.CodeAnalysis;

namespace Orleans;

/// <summary>On a grain class: its activations do not end by being idle.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
[SuppressMessage("Performance", "CA1813:Avoid unsealed attributes", Justification = "The signature is the one of Orleans.")]
public class KeepAliveAttribute : Attribute;
