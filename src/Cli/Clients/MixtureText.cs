using Orca.Cli.Commands;
using Orca.Cli.Configuration;

namespace Orca.Cli.Clients;

/// <summary>Weights of collections as they are written on a command line: <c>reasoning=2,cot=0.5</c>, or a JSON object.</summary>
internal static class MixtureText
{
    private const string Expected = "expected NAME=NUMBER pairs with commas between, such as reasoning=2,cot=0.5";

    /// <summary>The weights, by name.</summary>
    /// <exception cref="CommandException">A pair is malformed or comes twice, or there is none.</exception>
    public static IReadOnlyDictionary<string, double> Read(string text)
    {
        var weights = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var pair in ListText.Items(text) ?? [text])
        {
            var split = pair.LastIndexOf('=');
            var name = split > 0 ? pair[..split].Trim() : "";
            if (name.Length == 0 || NumberText.Read<double>(pair[(split + 1)..]) is not { } weight || weight < 0)
            {
                throw new CommandException($"'{pair}' is no weight; {Expected}.");
            }

            if (!weights.TryAdd(name, weight))
            {
                throw new CommandException($"'{name}' has two weights in '{text}'; give one.");
            }
        }

        return weights.Count > 0 ? weights : throw new CommandException($"No weight is given; {Expected}.");
    }
}
