using System.Text.Json;

namespace OrleansCdn.Conformance.Tests;

/// <summary>The public suite of HTTP cache tests; the run writes docs/conformance.md.</summary>
public sealed class ConformanceTests(SuiteRun run) : IClassFixture<SuiteRun>
{
    [Fact]
    public void Every_required_case_passes()
    {
        (int total, int passed, string others) = Count("required");
        Assert.True(total > 150, $"only {total} required cases ran");
        Assert.True(passed == total, others);
    }

    [Fact]
    public void Nine_of_ten_optimal_cases_pass()
    {
        (int total, int passed, string others) = Count("optimal");
        Assert.True(total > 80, $"only {total} optimal cases ran");
        Assert.True(passed >= 0.9 * total, others);
    }

    private (int Total, int Passed, string Others) Count(string kind)
    {
        JsonElement counts = run.Results.GetProperty(kind);
        return (
            counts.GetProperty("total").GetInt32(),
            counts.GetProperty("passed").GetInt32(),
            string.Join('\n', counts.GetProperty("others").EnumerateArray().Select(o => o.GetString())));
    }
}
