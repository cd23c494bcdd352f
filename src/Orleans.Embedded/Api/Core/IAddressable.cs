namespace Orleans.Runtime;

/// <summary>What has a grain identity: grain references and grains.</summary>
public interface IAddressable;
