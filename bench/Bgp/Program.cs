using OrleansCdn.Bench.Bgp;

// What BGP sessions cost this process: real ones over loopback, and state machines alone with time that passes at once.
switch (args)
{
    case ["sockets", .. var rest]:
        await SocketCost.RunAsync(Number(rest, 0, 50), Number(rest, 1, 30));
        return 0;
    case ["machines", .. var rest]:
        MachineCost.Run(Number(rest, 0, 1_000), TimeSpan.FromHours(Number(rest, 1, 1)));
        return 0;
    default:
        Console.Error.WriteLine("usage: sockets [sessions] [seconds] | machines [sessions] [hours]");
        return 2;
}

static int Number(string[] arguments, int at, int otherwise) => arguments.Length > at ? int.Parse(arguments[at], null) : otherwise;
