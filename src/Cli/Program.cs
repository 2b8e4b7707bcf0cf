using Orca.Cli.Commands;

return await OrcaCommand.RunAsync(args);
