namespace Orleans.Concurrency;

/// <summary>On a method of a grain interface: its calls run between the turns of other calls, and never wait for them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;

/// <summary>On a grain class: all its calls may interleave.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;
