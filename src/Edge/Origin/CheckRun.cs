namespace OrleansCdn.Edge.Origin;

/// <summary>What the health checks of one origin say: a change of mind takes several checks in a row. Healthy until they say otherwise.</summary>
/// <param name="Against">Checks in a row that speak against <paramref name="IsSick"/>.</param>
public readonly record struct CheckRun(bool IsSick, int Against)
{
    public CheckRun Step(bool isGood, int healthyAfter, int unhealthyAfter)
    {
        if (isGood != IsSick)
        {
            return this with { Against = 0 };
        }

        int against = Against + 1;
        return against >= (IsSick ? healthyAfter : unhealthyAfter) ? new CheckRun(!IsSick, 0) : this with { Against = against };
    }
}
