using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>Which grain, and the class that it is an instance of.</summary>
internal readonly record struct GrainTarget(GrainId Id, GrainClass Class);
