using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Tests.Origin;

public sealed class CheckRunTests
{
    /// <summary>g: good, b: bad; beside it whether the origin is sick after each. Two good checks bring it back, three bad ones take it out.</summary>
    [Theory]
    [InlineData("bbb", "..s")]
    [InlineData("bbgbb", ".....")]
    [InlineData("bbgbbbb", ".....ss")]
    [InlineData("bbbgbgbgg", "..ssssss.")]
    [InlineData("bbbggbbgbbb", "..ss......s")]
    public void A_change_of_mind_takes_several_checks_in_a_row(string checks, string sick)
    {
        CheckRun run = default;
        string seen = "";
        foreach (char check in checks)
        {
            run = run.Step(check == 'g', healthyAfter: 2, unhealthyAfter: 3);
            seen += run.IsSick ? 's' : '.';
        }

        Assert.Equal(sick, seen);
    }
}
