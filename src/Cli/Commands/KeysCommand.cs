using System.CommandLine;
using Orca.Serving.Security;

namespace Orca.Cli.Commands;

/// <summary><c>orca keys</c>: who may call a server.</summary>
internal static class KeysCommand
{
    private const string DefaultFile = "orca-keys.txt";

    private static readonly Argument<string> Name = new("NAME")
    {
        Description = "Whose key it is: 1 to 64 letters, digits, dots, dashes "
        + "and underscores."
    };

    private static readonly Option<string> Scope = new("--scope")
    {
        Description = "What it opens: read (ask the student, see what is served), priority (also ask to go before others) or control "
            + "(also load, activate, pause, drain, tune). Default: read.",
        HelpName = "SCOPE",
        DefaultValueFactory = _ => "read",
    };

    private static readonly Option<string?> File = new("--file")
    {
        Description = $"The key file. Default: setting serving.keyFile, else {DefaultFile} in the current folder.",
        HelpName = "FILE",
        Recursive = true,
    };

    private static readonly SettingFlags Flags = new();

    public static Command Create()
    {
        var command = new Command(
            "keys",
            "Makes, lists and removes the keys that a server asks its callers for. A running server sees changes within seconds.") { File };
        command.Subcommands.Add(Verb("add", "Makes a key and prints it, this once: only its hash is kept.", Add, Name, Scope));
        command.Subcommands.Add(Verb("list", "Lists names and scopes.", List));
        command.Subcommands.Add(Verb("remove", "Removes a key.", Remove, Name));
        return command;
    }

    private static Command Verb(string name, string description, Action<ParseResult, string> run, params Symbol[] parts)
    {
        var command = new Command(name, description);
        foreach (var part in parts)
        {
            switch (part)
            {
                case Argument argument:
                    command.Arguments.Add(argument);
                    break;
                case Option option:
                    command.Options.Add(option);
                    break;
            }
        }

        Flags.AddTo(command);
        command.SetAction(parsed =>
        {
            run(parsed, parsed.GetValue(File) ?? Flags.Load(parsed).Serving.KeyFile ?? DefaultFile);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Add(ParseResult parsed, string file)
    {
        var name = parsed.GetRequiredValue(Name);
        if (!KeyFile.IsName(name))
        {
            throw new CommandException($"'{name}' is no name for a key; expected 1 to {KeyFile.MaxNameLength} letters, digits, dots, "
                + "dashes and underscores.");
        }

        var asked = parsed.GetRequiredValue(Scope);
        var scope = AccessScopeText.Parse(asked)
            ?? throw new CommandException($"Flag --scope is '{asked}'; expected {AccessScopeText.All}.");
        KeyFile.Add(file, AccessKey.Create(name, scope, out var key));
        Console.Out.WriteLine(key);
        Console.Error.WriteLine($"Added to {file}, which keeps only its hash; a server asks for it where serving.keyFile names that file.");
    }

    private static void List(ParseResult parsed, string file)
    {
        foreach (var key in KeyFile.Read(file))
        {
            Console.Out.WriteLine($"{key.Name} {key.Scope.Text()}");
        }
    }

    private static void Remove(ParseResult parsed, string file)
    {
        KeyFile.Remove(file, parsed.GetRequiredValue(Name));
        Console.Out.WriteLine("done");
    }
}
