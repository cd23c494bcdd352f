using System.CommandLine;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Commands.Routing;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Commands;

/// <summary><c>cdn drain POP[/EDGE]</c> and <c>cdn undrain POP[/EDGE]</c>.</summary>
internal static class DrainCommand
{
    public static Command Drain(CliHost host)
    {
        var options = new DrainOptions(host, DrainAction.Drain);
        var command = new Command("drain", "Take a PoP out of service: DNS, routes, connections. Or let visitors leave one edge of several.");
        return options.AddTo(command).WithExamples(
            "cdn drain waw --reason 'new disks' --watch          and see it happen, step by step",
            "cdn drain waw --until +2h                           it comes back by itself",
            "cdn drain waw --wait --deadline 30s --json",
            "cdn drain waw/waw2 --reason kernel                  one edge of several: no route changes",
            "cdn undrain waw --watch                             and back");
    }

    public static Command Undrain(CliHost host)
    {
        var options = new DrainOptions(host, DrainAction.Undrain);
        var command = new Command("undrain", "Bring a drained PoP or edge back: its cache is warmed, then routes and DNS lead to it again.");
        return options.AddTo(command).WithExamples("cdn undrain waw --watch", "cdn undrain waw/waw2");
    }

    /// <summary>Of both commands.</summary>
    private sealed class DrainOptions
    {
        private readonly CliHost _host;
        private readonly DrainAction _action;
        private readonly ApiOptions _api;
        private readonly Argument<string> _place = new("POP[/EDGE]") { Description = "Id of the PoP, or one edge of it like waw/waw2" };
        private readonly Option<string?> _reason = DrainReason.Option();

        private readonly Option<Func<DateTimeOffset, DateTimeOffset>?> _until =
            RouteTime.Option("--until", "It ends by itself then: +2h, 04:00Z, 2026-01-31T04:00:00Z. Given again, the newer one counts");

        private readonly Option<bool> _force = new("--force") { Description = "Also when no other PoP (or no other edge of the PoP) is in service" };
        private readonly Option<bool> _wait = new("--wait") { Description = "Wait until every edge has confirmed, or for the deadline" };
        private readonly Option<bool> _watch = new("--watch") { Description = "Show each step until all are done, or until the deadline" };

        private readonly Option<TimeSpan?> _deadline = new("--deadline")
        {
            Description = $"Longest wait: with --wait up to 1m [default: 10s], with --watch up to 1d [default: {DrainWatch.DefaultDeadline.TotalMinutes:0}m]",
            HelpName = "TIME",
            CustomParser = DurationText.ParseAge,
        };

        public DrainOptions(CliHost host, DrainAction action) => (_host, _action, _api) = (host, action, new ApiOptions(host));

        public Command AddTo(Command command)
        {
            command.Arguments.Add(_place);
            command.Options.Add(_reason);
            if (_action == DrainAction.Drain)
            {
                command.Options.Add(_until);
                command.Options.Add(_force);
            }

            command.Options.Add(_wait);
            command.Options.Add(_watch);
            command.Options.Add(_deadline);
            _api.AddTo(command);
            DrainReason.Check(command, _reason);
            command.Validators.Add(result =>
            {
                TimeSpan longest = result.GetValue(_watch) ? DrainWatch.MaxDeadline : TimeSpan.FromMilliseconds(DrainRequest.MaxDeadlineMs);
                if (result.GetValue(_deadline) > longest)
                {
                    result.AddError($"--deadline is at most {longest.TotalSeconds:0}s{(result.GetValue(_watch) ? "" : " without --watch")}");
                }

                if (result.GetValue(_wait) && result.GetValue(_watch))
                {
                    result.AddError("give --wait for DNS alone, or --watch for all steps");
                }

                if (result.GetValue(_place) is { } place && DrainPlace.TryParse(place) is null)
                {
                    result.AddError($"'{place}' is neither a PoP like waw nor an edge like waw/waw2 (cdn status)");
                }
            });
            command.SetAction(RunAsync);
            return command;
        }

        private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
        {
            using ApiClient client = _api.Connect(parsed);
            DrainPlace place = DrainPlace.TryParse(parsed.GetValue(_place)!)!;
            bool isDrain = _action == DrainAction.Drain;
            var request = new DrainRequest
            {
                Why = parsed.GetValue(_reason),
                Until = isDrain ? parsed.GetValue(_until)?.Invoke(_host.Time.GetUtcNow()) : null,
                Force = isDrain && parsed.GetValue(_force),
                Wait = parsed.GetValue(_wait),
                DeadlineMs = !parsed.GetValue(_watch) && parsed.GetValue(_deadline) is { } limit ? (int)limit.TotalMilliseconds : null,
            };
            bool json = parsed.GetValue(_api.Json);
            DrainReply reply = await client.DrainAsync(place.Pop, place.Edge, _action, request, cancellationToken);
            if (parsed.GetValue(_watch))
            {
                if (!json)
                {
                    _host.Out.WriteLine(DrainText.Sentence(reply, place.Edge, _host.Time.GetUtcNow()));
                }

                return await new DrainWatch(_host, client, place, json).FollowAsync(_action, parsed.GetValue(_deadline) ?? DrainWatch.DefaultDeadline, cancellationToken);
            }

            if (json)
            {
                _host.WriteJson(reply, ContractsJson.Default.DrainReply);
            }
            else
            {
                _host.Out.WriteLine(DrainText.Sentence(reply, place.Edge, _host.Time.GetUtcNow()));
            }

            return DrainText.Conclude(_host, reply, request.Wait, json);
        }
    }
}
