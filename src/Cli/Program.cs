using OrleansCdn.Cli;

return await CommandTree.RunAsync(args, CliHost.OfThisProcess());
