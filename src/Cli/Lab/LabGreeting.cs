using System.Globalization;
using OrleansCdn.Cli.Commands;

namespace OrleansCdn.Cli.Lab;

/// <summary>What the lab prints once: where everything listens, and what to try.</summary>
internal static class LabGreeting
{
    public static void Write(TextWriter output, LabNetwork network, ReadyState ready, LabData data, TimeSpan took)
    {
        int columns = network.Edges.Max(e => e.Pop.Length + e.Name.Length + 1);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The lab is up after {took.TotalSeconds:0.0} s."));
        output.WriteLine();
        output.WriteLine($"  {"API".PadRight(columns)}  {ready.Api}");
        output.WriteLine($"  {"origin".PadRight(columns)}  {ready.Origin}");
        if (ready.Internet is not null)
        {
            output.WriteLine($"  {"internet".PadRight(columns)}  {ready.Internet}");
        }

        foreach (LabEdge edge in network.Edges)
        {
            output.WriteLine($"  {(edge.Pop + "/" + edge.Name).PadRight(columns)}  http {edge.Ports.Http}  https {edge.Ports.Https}  admin {edge.Ports.Admin}"
                + (edge.AnswersDns ? $"  dns {edge.Ports.Dns}" : ""));
        }

        output.WriteLine($"  {"data".PadRight(columns)}  {data.Root}" + (data.Kept ? "" : " (removed at the end; --data DIR keeps it)"));
        output.WriteLine();
        LabEdge first = network.Edges[0];
        output.WriteLine("Try, in another terminal:");
        output.WriteLine($"  curl -si -H 'Host: {network.Host}' http://{first.Ports.Http}/ | head -20");
        output.WriteLine($"  curl -si --cacert {Path.Combine(data.Tls, "ca.pem")} --resolve {network.Host}:{first.Ports.Https.Port}:127.0.0.1 https://{network.Host}:{first.Ports.Https.Port}/");
        output.WriteLine($"  export CDN_API={ready.Api} CDN_TOKEN={ready.Token}");
        output.WriteLine($"  dotnet run -c Release --project src/Cli -- purge --site {network.Site} --tag pages --wait");
        output.WriteLine($"  dotnet run -c Release --project src/Cli -- status");
        if (network is { SteeredName: { } name } && network.Edges.FirstOrDefault(e => e.AnswersDns) is { } server)
        {
            output.WriteLine($"  dig @{server.Ports.Dns.Address} -p {server.Ports.Dns.Port} {name} +subnet=193.0.0.0/24");
        }

        if (ready.Internet is not null)
        {
            output.WriteLine($"  export {InternetCommand.UrlVariable}={ready.Internet}");
            output.WriteLine($"  dotnet run -c Release --project src/Cli -- internet");
        }

        output.WriteLine();
        output.WriteLine("Ctrl-C ends everything.");
    }
}
