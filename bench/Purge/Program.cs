using OrleansCdn.Bench.Purge;

// What purges cost: an edge's hits after very many of them, and the whole way from the API to every edge of a running lab.
switch (args)
{
    case ["index", .. var rest]:
        IndexCost.Run(rest is [var count] ? int.Parse(count, null) : 1_000_000);
        return 0;
    case ["cluster", var ready, .. var rest]:
        await ClusterCost.RunAsync(ready, rest is [var purges] ? int.Parse(purges, null) : 2_000);
        return 0;
    case ["stop", var lab, .. var rest]:
        await StopCost.RunAsync(lab, rest is [var times] ? int.Parse(times, null) : 500);
        return 0;
    default:
        Console.Error.WriteLine("usage: index [objects] | cluster READY-FILE [purges] | stop READY-FILE [purges]      READY-FILE: of 'cdn lab --ready-file'");
        return 2;
}
