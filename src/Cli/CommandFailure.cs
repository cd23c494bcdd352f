using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli;

/// <summary>Ends a command: what went wrong, and what to do next. Caught in one place, <see cref="CommandTree"/>.</summary>
internal sealed class CommandFailure(int exitCode, string message, string? hint = null, ApiProblem? problem = null)
    : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    public string? Hint { get; } = hint;

    /// <summary>What the API answered, for <c>--json</c>.</summary>
    public ApiProblem Problem { get; } = problem ?? new ApiProblem { Title = message, Detail = hint };
}
