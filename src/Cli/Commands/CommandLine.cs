using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Orca.Cli.Configuration;

namespace Orca.Cli.Commands;

/// <summary>
/// Reads a command line: a text stands for itself, whatever it begins with, and what could be meant in two ways is refused.
/// </summary>
internal static class CommandLine
{
    /// <summary>The name that the value of a flag has in the help where any text will do, the empty one too.</summary>
    public const string Text = "TEXT";

    private static readonly ParserConfiguration Plain = new()
    {
        // A text that begins with @ names no file of further arguments.
        ResponseFileTokenReplacer = null,
        EnablePosixBundling = false,
    };

    /// <summary>Reads arguments.</summary>
    /// <returns>What they say, and what is wrong with them, one sentence; null where nothing is.</returns>
    public static (ParseResult Parsed, string? Fault) Read(RootCommand root, string[] arguments)
    {
        // A path may be called so.
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Aliases.Remove("/h");
            help.Aliases.Remove("/?");
        }

        var parsed = root.Parse(Joined(root, arguments), Plain);
        var fault = UnknownFlag(parsed) ?? (parsed.Action is ParseErrorAction && parsed.Errors.Count > 0 ? Unread(parsed) : Empty(parsed));
        return (parsed, fault is null ? null : fault + (fault.EndsWith('?') ? " See" : "; see") + $" '{LineOf(parsed)} --help'.");
    }

    /// <summary>
    /// Arguments with each flag's value joined to it by an equals sign where it begins with a dash: the library would look for a flag
    /// in it. An empty value behind an equals sign becomes an argument of its own, which the library would overlook.
    /// </summary>
    private static List<string> Joined(RootCommand root, string[] arguments)
    {
        // Of the commands that are named: a flag of one command takes a value, and one of the same name of another may take none.
        Command command = root;
        var flags = FlagsWithValues(root);
        var joined = new List<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--")
            {
                return [.. joined, .. arguments[i..]];
            }

            if (command.Subcommands.FirstOrDefault(below => below.Name == arguments[i]) is { } named)
            {
                command = named;
                flags.UnionWith(FlagsWithValues(named));
            }

            if (flags.Contains(arguments[i]) && i + 1 < arguments.Length)
            {
                var (flag, value) = (arguments[i], arguments[++i]);
                joined.AddRange(value.StartsWith('-') ? [$"{flag}={value}"] : [flag, value]);
            }
            else if (arguments[i] is [.. var name, '='] && flags.Contains(name))
            {
                joined.AddRange([name, ""]);
            }
            else
            {
                joined.Add(arguments[i]);
            }
        }

        return joined;
    }

    private static HashSet<string> FlagsWithValues(Command command) =>
        [.. command.Options.Where(option => option.Arity.MinimumNumberOfValues > 0).Select(option => option.Name)];

    /// <summary>A flag that does not exist, which the library takes for an argument where one has room.</summary>
    private static string? UnknownFlag(ParseResult parsed)
    {
        for (var i = 0; i < parsed.Tokens.Count && parsed.Tokens[i].Type != TokenType.DoubleDash; i++)
        {
            if (OptionBefore(parsed, i) is not { Arity.MinimumNumberOfValues: > 0 }
                && parsed.Tokens[i] is { Type: TokenType.Argument, Value: ['-', _, ..] and var word })
            {
                return Unknown(parsed, word);
            }
        }

        return null;
    }

    /// <summary>Something empty that is no text, where a name, a path or an address is wanted.</summary>
    private static string? Empty(ParseResult parsed)
    {
        for (var i = 0; i < parsed.Tokens.Count; i++)
        {
            if (parsed.Tokens[i] is not { Type: TokenType.Argument, Value.Length: 0 })
            {
                continue;
            }

            var option = OptionBefore(parsed, i);
            if (option is null or { HelpName: not Text })
            {
                return option is null
                    ? $"An argument of '{LineOf(parsed)}' is empty"
                    : $"Flag {option.Name} is empty; expected {option.HelpName}";
            }
        }

        return null;
    }

    private static string Unread(ParseResult parsed) =>
        // What was not understood says more than what is missing because of it.
        parsed.UnmatchedTokens is [var word, ..] ? Unknown(parsed, word)
        : parsed.CommandResult is { Command: { Action: null, Subcommands.Count: > 0 }, Tokens: [.., var last] }
            ? Unknown(parsed, last.Value)
        : OneLine(parsed.Errors[0].Message).TrimEnd('.');

    private static string Unknown(ParseResult parsed, string word)
    {
        word = word.StartsWith('-') ? word.Split('=', ':')[0] : word;
        var nearest = Names(parsed).MinBy(name => EditDistance.Between(word, name));
        var isNear = nearest is not null && EditDistance.Between(word, nearest) <= Math.Max(1, Math.Min(word.Length, nearest.Length) / 3);
        return $"'{word}' is no command, argument or option of '{LineOf(parsed)}'" + (isNear ? $"; did you mean '{nearest}'?" : "");
    }

    private static IEnumerable<string> Names(ParseResult parsed) =>
        parsed.CommandResult.Command.Subcommands.Select(command => command.Name).Concat(Options(parsed).Select(option => option.Name));

    private static Option? OptionBefore(ParseResult parsed, int token) =>
        token > 0 && parsed.Tokens[token - 1] is { Type: TokenType.Option, Value: var name }
        ? Options(parsed).FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name))
        : null;

    private static IEnumerable<Option> Options(ParseResult parsed) =>
        Commands(parsed).SelectMany((command, depth) => command.Options.Where(option => depth == 0 || option.Recursive));

    private static string LineOf(ParseResult parsed) =>
        string.Join(' ', Commands(parsed).Reverse().Select(command => command is RootCommand ? "orca" : command.Name));

    // The one that was named, then those above it.
    private static IEnumerable<Command> Commands(ParseResult parsed)
    {
        for (var command = parsed.CommandResult; command is not null; command = command.Parent as CommandResult)
        {
            yield return command.Command;
        }
    }

    /// <summary>What the library spreads over several lines, such as the words that an option takes.</summary>
    private static string OneLine(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
