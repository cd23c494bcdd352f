using OrleansCdn.Bench.Store;

// What the memory store is worth: its hit ratio beside other policies, and the bytes that an object costs beside its body.
switch (args)
{
    case ["zipf", .. var rest]:
        HitRatios.Run(rest is [var count] ? int.Parse(count, null) : 2_000_000);
        return 0;
    case ["overhead", .. var more]:
        Overhead.Run(more is [var objects] ? int.Parse(objects, null) : 1_000_000);
        return 0;
    default:
        Console.Error.WriteLine("usage: zipf [requests] | overhead [objects]");
        return 2;
}
