using System.Collections.Immutable;
using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn explain</c>: what the edges of a PoP would do with a request, and why.</summary>
internal static class ExplainCommand
{
    public static Command Create(CliHost host)
    {
        var api = new ApiOptions(host);
        var url = new Argument<string>("URL") { Description = "As a visitor asks for it" };
        var pop = new Option<string>("--pop") { Description = "PoP to ask", HelpName = "ID", Required = true };
        var edge = new Option<string?>("--edge") { Description = "Edge to ask [default: every edge of the PoP]", HelpName = "NAME" };
        var headers = new Option<string[]>("--header", "-H") { Description = "Field of the request; can be given again", HelpName = "'Name: value'" };
        var method = new Option<string?>("--method") { Description = "Method of the request [default: GET]", HelpName = "METHOD" };
        var command = new Command("explain", "Show what edges have stored for a URL, what they would do with a request, and why.") { url, pop, edge, headers, method };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var request = new ExplainRequest
            {
                Url = parsed.GetValue(url)!,
                Pop = parsed.GetValue(pop)!,
                Edge = parsed.GetValue(edge),
                Method = parsed.GetValue(method),
                Headers = [.. (parsed.GetValue(headers) ?? []).Select(Field)],
            };
            using ApiClient client = api.Connect(parsed);
            ExplainReply reply = await client.ExplainAsync(request, cancellationToken);
            if (parsed.GetValue(api.Json))
            {
                host.WriteJson(reply, ContractsJson.Default.ExplainReply);
            }
            else
            {
                foreach (EdgeExplanation answer in reply.Edges.Where(e => e.Explanation is not null))
                {
                    ExplanationText.Write(host.Out, reply.Pop, answer.Edge, answer.Explanation!);
                }
            }

            return Conclude(host, reply);
        });
        return command.WithExamples(
            "cdn explain https://www.example.net/logo.svg --pop waw",
            "cdn explain https://www.example.net/ --pop waw --edge waw1 --header 'Accept-Encoding: gzip'",
            "cdn explain https://www.example.net/ --pop lax --json | jq -r '.edges[].explanation.verdict'");
    }

    private static HeaderField Field(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            ? new HeaderField(text[..colon].Trim(), text[(colon + 1)..].Trim())
            : throw new CommandFailure(ExitCode.Usage, $"'{text}' is no field of a request", "Write it like --header 'Accept-Encoding: gzip'.");
    }

    private static int Conclude(CliHost host, ExplainReply reply)
    {
        EdgeExplanation[] missing = [.. reply.Edges.Where(e => e.Outcome != AnswerOutcome.Answered)];
        if (missing.Length == 0)
        {
            return ExitCode.Done;
        }

        host.Error.WriteLine("cdn: no answer from " + string.Join(", ", missing.Select(e => $"{reply.Pop}/{e.Edge} ({CoverageText.Why(e.Outcome)})")));
        host.Error.WriteLine("See 'cdn status' for who is connected.");
        return missing.Length == reply.Edges.Length ? ExitCode.Failed : ExitCode.Partial;
    }
}
