using System.Globalization;
using Orca.Cli.Commands;

// Numbers are written and read in one way, whatever the user's language.
CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentUICulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;
return await OrcaCommand.RunAsync(args);
