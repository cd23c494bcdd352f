namespace Orleans.Placement;

/// <summary>Where the silo of a cluster places an activation.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public abstract class PlacementAttribute : Attribute;

/// <summary>Activate on the calling silo. One silo has no choice: the embedded engine reads past it.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class PreferLocalPlacementAttribute : PlacementAttribute;
