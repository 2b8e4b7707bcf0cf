using System.CommandLine;
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

    /// <summary>The address given, or the default one.</summary>
    /// <exception cref="CommandException">It is none.</exception>
    public static Uri ReadAddress(ParseResult parsed, Argument<string?> address) =>
        ServerAddress.Parse(parsed.GetValue(address) ?? $"127.0.0.1:{new ServingSettings().Port}");

    /// <summary>The sampling temperature.</summary>
    public static Option<float> Temperature(float standard) => InRange(
        new Option<float>("--temperature")
        {
            Description = $"Divides the logits, 0 to 100; 0 takes the likeliest token. Default: {standard}.",
            HelpName = "NUMBER",
            DefaultValueFactory = _ => standard,
        },
        value => value is >= 0 and <= 100,
        "a number from 0 to 100");

    /// <summary>The nucleus.</summary>
    public static Option<float> TopP() => InRange(
        new Option<float>("--top-p")
        {
            Description = "Keeps the likeliest tokens whose probabilities first sum to this, above 0 to 1. Default: 1.",
            HelpName = "NUMBER",
            DefaultValueFactory = _ => 1f,
        },
        value => value is > 0 and <= 1,
        "a number above 0, to 1");

    /// <summary>The longest answer.</summary>
    public static Option<int?> MaxTokens() => InRange(
        new Option<int?>("--max-tokens")
        {
            Description = "Tokens of the answer at most. Default: what the context has room for.",
            HelpName = "TOKENS",
        },
        value => value is null or >= 1,
        "a whole number of at least 1");

    private static Option<T> InRange<T>(Option<T> option, Func<T?, bool> fits, string expected)
    {
        option.Validators.Add(result =>
        {
            if (!fits(result.GetValueOrDefault<T>()))
            {
                result.AddError($"Flag {option.Name} is '{string.Join(' ', result.Tokens)}'; expected {expected}");
            }
        });
        return option;
    }
}
