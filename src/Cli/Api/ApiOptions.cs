using System.CommandLine;

namespace OrleansCdn.Cli.Api;

/// <summary>The options of every command that speaks to a silo.</summary>
internal sealed class ApiOptions(CliHost host)
{
    public const string ApiVariable = "CDN_API";
    public const string TokenVariable = "CDN_TOKEN";
    public const string JsonFlag = "--json";

    /// <summary>Where a silo and the lab listen when they are told nothing else.</summary>
    public const string DefaultApi = "http://127.0.0.1:8080";

    private readonly Option<string?> _api = new("--api")
    {
        Description = $"URL of a silo's API [default: ${ApiVariable}, else {DefaultApi}]",
        HelpName = "URL",
    };

    private readonly Option<string?> _token = new("--token")
    {
        Description = $"Token for the API [default: ${TokenVariable}]",
        HelpName = "TOKEN",
    };

    public Option<bool> Json { get; } = new(JsonFlag) { Description = "Write the answer as JSON" };

    public void AddTo(Command command)
    {
        command.Options.Add(_api);
        command.Options.Add(_token);
        command.Options.Add(Json);
    }

    /// <summary>The operator has said on this command line which silo to ask.</summary>
    public bool IsNamed(ParseResult parsed) => parsed.GetValue(_api) is not null;

    public ApiClient Connect(ParseResult parsed)
    {
        string text = parsed.GetValue(_api) ?? NonEmpty(ApiVariable) ?? DefaultApi;
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? api) || api.Scheme is not ("http" or "https"))
        {
            throw new CommandFailure(
                ExitCode.Usage, $"'{text}' is not a URL of an API", $"Give --api or {ApiVariable} like {DefaultApi}.");
        }

        string token = parsed.GetValue(_token) ?? NonEmpty(TokenVariable) ?? throw new CommandFailure(
            ExitCode.Usage, "no token", $"Give --token or {TokenVariable}; the lab prints its own at start.");
        if (token.Any(c => c is < '!' or > '~'))
        {
            throw new CommandFailure(ExitCode.Usage, "the token has characters that no token has", "Check --token or " + TokenVariable + ".");
        }

        return new ApiClient(api, token);
    }

    private string? NonEmpty(string variable) => host.Variable(variable) is { Length: > 0 } value ? value : null;
}
