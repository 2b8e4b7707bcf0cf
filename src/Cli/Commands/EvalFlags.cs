using System.CommandLine;
using Orca.Evaluation.Protocols;

namespace Orca.Cli.Commands;

/// <summary>Flags that several commands of <c>orca eval</c> share.</summary>
internal static class EvalFlags
{
    /// <summary>The protocol by name.</summary>
    public static Option<string> Protocol(string meaning) =>
        Arguments.Choice(
            "--protocol", meaning, ProtocolNames.All[0].Name, [.. ProtocolNames.All.Skip(1).Select(protocol => protocol.Name)]);
}
