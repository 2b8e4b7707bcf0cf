using System.CommandLine;
using System.Text;
using Orca.Cli.Commands;

namespace Orca.Cli.Tests.Commands;

public sealed class CommandLineTests
{
    // A new command or flag is a decision: it shows in this file.
    [Fact]
    public void Commands_and_flags_are_those_that_are_written_down() => Golden.Holds("tests/Cli/Commands/command-line.txt", Write(OrcaCommand.Create(), "orca"));

    private static string Write(Command command, string path)
    {
        var text = new StringBuilder(path);
        foreach (var argument in command.Arguments)
        {
            text.Append($" {argument.Name}{(argument.Arity.MinimumNumberOfValues == 0 ? "?" : "")}");
        }

        foreach (var option in command.Options.Where(option => option is not VersionOption and not System.CommandLine.Help.HelpOption).OrderBy(option => option.Name, StringComparer.Ordinal))
        {
            text.Append($" {option.Name}{(option.Required ? "!" : "")}");
        }

        text.Append('\n');
        foreach (var inner in command.Subcommands.OrderBy(inner => inner.Name, StringComparer.Ordinal))
        {
            text.Append(Write(inner, $"{path} {inner.Name}"));
        }

        return text.ToString();
    }
}
