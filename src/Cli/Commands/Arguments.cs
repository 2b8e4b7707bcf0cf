using System.CommandLine;
using System.CommandLine.Parsing;
using System.Numerics;
using Orca.Cli.Clients;
using Orca.Cli.Configuration;

namespace Orca.Cli.Commands;

/// <summary>Arguments and flags that several commands share.</summary>
internal static class Arguments
{
    /// <summary>The optional address of a server.</summary>
    public static Argument<string?> Address() => new("ADDRESS")
    {
        Description = $"Address of the server, HOST:PORT. Default: 127.0.0.1:{new ServingSettings().Port}.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>The key to show a server.</summary>
    public static Option<string?> ApiKey() => new("--api-key")
    {
        Description = $"Key to show the server. Default: {ServerAddress.KeyVariable} of the environment, which other users of the "
            + "machine cannot see.",
        HelpName = "KEY",
    };

    /// <summary>The address given, or the default one.</summary>
    /// <exception cref="CommandException">It is none.</exception>
    public static Uri ReadAddress(ParseResult parsed, Argument<string?> address) =>
        ServerAddress.Parse(parsed.GetValue(address) ?? $"127.0.0.1:{new ServingSettings().Port}");

    /// <summary>How many of something: at least 1.</summary>
    public static Option<int> Count(string name, string meaning, int standard) => new(name)
    {
        Description = $"{meaning} Default: {standard}.",
        HelpName = "N",
        DefaultValueFactory = _ => standard,
        CustomParser = result => Number<int>(result, value => value >= 1, "a whole number of at least 1"),
    };

    /// <summary>One of a few words.</summary>
    public static Option<string> Choice(string name, string meaning, string standard, params string[] others) => new(name)
    {
        Description = $"{meaning} Default: {standard}.",
        HelpName = "NAME",
        DefaultValueFactory = _ => standard,
        CustomParser = result =>
        {
            var text = string.Join(' ', result.Tokens);
            if (text != standard && !others.Contains(text))
            {
                result.AddError($"Flag {name} is '{text}'; expected one of {standard}, {string.Join(", ", others)}");
            }

            return text;
        },
    };

    /// <summary>The sampling temperature.</summary>
    public static Option<float> Temperature(float standard) => new("--temperature")
    {
        Description = $"Divides the logits, 0 to 100; 0 takes the likeliest token. Default: {standard}.",
        HelpName = "NUMBER",
        DefaultValueFactory = _ => standard,
        CustomParser = result => Number<float>(result, value => value is >= 0 and <= 100, "a number from 0 to 100"),
    };

    /// <summary>The nucleus.</summary>
    public static Option<float> TopP() => new("--top-p")
    {
        Description = "Keeps the likeliest tokens whose probabilities first sum to this, above 0 to 1. Default: 1.",
        HelpName = "NUMBER",
        DefaultValueFactory = _ => 1f,
        CustomParser = result => Number<float>(result, value => value is > 0 and <= 1, "a number above 0, to 1"),
    };

    /// <summary>The longest answer.</summary>
    public static Option<int?> MaxTokens() => new("--max-tokens")
    {
        Description = "Tokens of the answer at most. Default: what the context has room for.",
        HelpName = "TOKENS",
        CustomParser = result => Number<int>(result, value => value >= 1, "a whole number of at least 1"),
    };

    /// <summary>The seed of the draws.</summary>
    public static Option<ulong?> Seed() => new("--seed")
    {
        Description = "Seed of the draws; the same seed gives the same text. Default: another one each time.",
        HelpName = "NUMBER",
        CustomParser = result => Number<ulong>(result, _ => true, "a whole number of at least 0"),
    };

    /// <summary>Seconds between updates.</summary>
    public static Option<double> Interval() => new("--interval")
    {
        Description = "Seconds between updates, 0.1 to 60. Default: 1.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 1,
        CustomParser = result => Number<double>(result, value => value is >= 0.1 and <= 60, "a number of seconds from 0.1 to 60"),
    };

    /// <summary>The number that a flag was given, which is told as a fault where it is none or does not fit.</summary>
    /// <param name="result">What was given.</param>
    /// <param name="fits">Whether a number is in range.</param>
    /// <param name="expected">The range, in words.</param>
    public static T Number<T>(ArgumentResult result, Func<T, bool> fits, string expected)
        where T : struct, INumber<T>
    {
        var text = string.Join(' ', result.Tokens);
        if (NumberText.Read<T>(text) is { } number && fits(number))
        {
            return number;
        }

        result.AddError($"Flag {(result.Parent as OptionResult)?.Option.Name} is '{text}'; expected "
            + $"{expected}{NumberText.Example(text, fits)}");
        return default;
    }
}
