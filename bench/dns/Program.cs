using System.Globalization;
using OrleansCdn.Bench.DnsServing;

// Beside run.sh: the server alone, as the edge has it, and the queries that all servers are asked.
switch (args)
{
    case ["serve", string port, string database, .. string[] options]:
        return await Serving.RunAsync(int.Parse(port, CultureInfo.InvariantCulture), database, options);
    case ["queries", string file, .. string[] options]:
        QueryFile.Write(file, options);
        return 0;
    default:
        Console.Error.WriteLine("usage: serve PORT COUNTRY.mmdb [signed] [limited] [log]  |  queries FILE [subnet] [do]");
        return 2;
}
