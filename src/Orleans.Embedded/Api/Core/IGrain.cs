using Orleans.Runtime;

namespace Orleans;

/// <summary>Base of all grain interfaces. Their methods return Task, Task&lt;T&gt;, ValueTask or ValueTask&lt;T&gt;.</summary>
public interface IGrain : IAddressable;

/// <summary>Base of grain interfaces whose grains are named by a string.</summary>
public interface IGrainWithStringKey : IGrain;
