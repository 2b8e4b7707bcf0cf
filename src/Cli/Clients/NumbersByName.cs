using Orca.Cli.Commands;
using Orca.Cli.Configuration;

namespace Orca.Cli.Clients;

/// <summary>Numbers by name as they are written on a command line: <c>reasoning=2,cot=0.5</c>, or a JSON object.</summary>
internal static class NumbersByName
{
    /// <summary>The weights of a mixture, by collection.</summary>
    /// <exception cref="CommandException">A pair is malformed or comes twice, or there is none.</exception>
    public static IReadOnlyDictionary<string, double> Weights(string text) => Read(text, "weight", "reasoning=2,cot=0.5");

    /// <summary>The limits of screens, by screen; <c>off</c> for no limit.</summary>
    /// <exception cref="CommandException">A pair is malformed or comes twice, or there is none.</exception>
    public static IReadOnlyDictionary<string, double> Limits(string text) => Read(text, "limit", "refusal=0.8,length=off");

    /// <summary>Whole numbers a minute, by endpoint.</summary>
    /// <exception cref="CommandException">A pair is malformed or comes twice, or there is none.</exception>
    public static IReadOnlyDictionary<string, double> Rates(string text)
    {
        var rates = Read(text, "rate", "openai=60,local=600");
        return rates.FirstOrDefault(pair => pair.Value is < 1 or > int.MaxValue || pair.Value % 1 != 0) is { Key: { } wrong }
            ? throw new CommandException(
                $"The rate of '{wrong}' is no whole number of at least 1; switch an endpoint off with {wrong}=off.")
            : rates;
    }

    private static Dictionary<string, double> Read(string text, string what, string example)
    {
        var expected = $"expected NAME=NUMBER pairs with commas between, such as {example}";
        var numbers = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var pair in ListText.Items(text) ?? [text])
        {
            var split = pair.LastIndexOf('=');
            var (name, value) = (split > 0 ? pair[..split].Trim() : "", pair[(split + 1)..]);
            var number = what == "limit" && value.Trim() == "off" ? double.PositiveInfinity : NumberText.Read<double>(value);
            if (name.Length == 0 || number is not >= 0)
            {
                throw new CommandException($"'{pair}' is no {what}; {expected}.");
            }

            if (!numbers.TryAdd(name, number.Value))
            {
                throw new CommandException($"'{name}' has two {what}s in '{text}'; give one.");
            }
        }

        return numbers.Count > 0 ? numbers : throw new CommandException($"No {what} is given; {expected}.");
    }
}
