using System.Collections.Immutable;
using System.CommandLine;
using System.Numerics;
using Orca.Cli.Bench.Neighbours;
using Orca.Cli.Commands;

namespace Orca.Cli.Bench;

/// <summary>The load that the flags of <c>orca bench serve</c> describe.</summary>
/// <param name="Plan">When requests come.</param>
/// <param name="Targets">What counts as good.</param>
/// <param name="Reload">How often a checkpoint is published in the second run; null: there is none.</param>
/// <param name="Neighbours">
/// Kinds of callers that it is run beside, one after the other, the ordinary one first; empty: there are none.
/// </param>
/// <param name="Lengths">How long they are; anew for each run, so that all runs ask the same.</param>
internal sealed record ServeFlags(
    LoadPlan Plan, Targets Targets, ReloadPace? Reload, ImmutableArray<Neighbour> Neighbours, Func<TokenLengths> Lengths)
{
    private static readonly Option<double?> Rate = Number<double>(
        "--rate", "N", "Requests a second, by chance and whatever became of those before (open loop).", n => n is > 0 and <= 100_000,
        "a number above 0, to 100000");

    private static readonly Option<int?> Concurrency = Number<int>(
        "--concurrency", "N", "Requests in flight, each followed by the next (closed loop). Default: 8.", n => n is >= 1 and <= 10_000,
        "a whole number from 1 to 10000");

    private static readonly Option<string?> Prompt = new("--prompt-tokens")
    {
        Description = "Tokens of a prompt, or a range to draw "
        + "from. Default: 64.",
        HelpName = "N|N-M"
    };

    private static readonly Option<string?> Answer = new("--answer-tokens")
    {
        Description = "Tokens of an answer, or a range to draw "
        + "from. Default: 64.",
        HelpName = "N|N-M"
    };

    private static readonly Option<string?> File = new("--lengths")
    {
        Description = "Takes lengths from a file instead: tokens of prompt "
        + "and answer, a line a request.",
        HelpName = "FILE"
    };

    private static readonly Option<int?> Seed = Number<int>(
        "--seed", "N", "Seed of arrivals, lengths and prompts. Default: 1.", n => n >= 0, "a whole number of at least 0");

    private static readonly Option<double?> Duration = Number<double>(
        "--duration", "SECONDS", "Time that is measured. Default: 30.", n => n is >= 0.1 and <= 86_400,
        "a number of seconds from 0.1 to 86400");

    private static readonly Option<int?> Requests = Number<int>(
        "--requests", "N", "Measures this many requests instead of a time.", n => n >= 1, "a whole number of at least 1");

    private static readonly Option<double?> WarmUp = Number<double>(
        "--warm-up", "SECONDS", "Time before, under the same load, that is not measured. Default: 3.", n => n is >= 0 and <= 3_600,
        "a number of seconds from 0 to 3600");

    private static readonly Option<double?> FirstTarget = Number<double>(
        "--ttft-target", "MS", "A request is good where its first token came within this.", n => n > 0, "a number of milliseconds above 0");

    private static readonly Option<double?> GapTarget = Number<double>(
        "--itl-target", "MS", "A request is good where 99 of 100 gaps between its deliveries were no longer.", n => n > 0,
        "a number of milliseconds above 0");

    private static readonly Option<string?> ReloadEvery = new("--reload-every")
    {
        Description = "Runs a second time, publishing a "
        + "checkpoint every so many seconds, or after so many requests (20r).",
        HelpName = "SECONDS|Nr"
    };

    private static readonly Option<string?> NeighbourKinds = new("--neighbours")
    {
        Description = $"Runs again beside callers of another key, as many as --concurrency, of each of these kinds: {KindNames}; or all. "
            + "With --server, ORCA_NEIGHBOUR_KEY holds their key.",
        HelpName = "KIND,…",
    };

    private static string KindNames => string.Join(", ", Neighbour.All.Select(kind => kind.Name));

    /// <summary>Gives the command these flags.</summary>
    public static void AddTo(Command command)
    {
        Option[] options = [Rate, Concurrency, Prompt, Answer, File, Seed, Duration, Requests, WarmUp, FirstTarget, GapTarget, ReloadEvery,
            NeighbourKinds];
        foreach (var option in options)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Reads them.</summary>
    /// <exception cref="CommandException">One cannot be read, or two exclude each other.</exception>
    public static ServeFlags Read(ParseResult parsed)
    {
        Exclude(parsed.GetValue(Rate) is not null && parsed.GetValue(Concurrency) is not null, Rate, Concurrency);
        Exclude(parsed.GetValue(Duration) is not null && parsed.GetValue(Requests) is not null, Duration, Requests);
        Exclude(parsed.GetValue(Rate) is not null && parsed.GetValue(NeighbourKinds) is not null, Rate, NeighbourKinds);
        var standard = new LoadPlan();
        var plan = standard with
        {
            Rate = parsed.GetValue(Rate),
            Concurrency = parsed.GetValue(Concurrency) ?? standard.Concurrency,
            Seed = parsed.GetValue(Seed) ?? standard.Seed,
            Requests = parsed.GetValue(Requests),
            Duration = parsed.GetValue(Duration) is { } time ? TimeSpan.FromSeconds(time) : standard.Duration,
            WarmUp = parsed.GetValue(WarmUp) is { } warm ? TimeSpan.FromSeconds(warm) : standard.WarmUp,
        };
        return new ServeFlags(
            plan, new Targets(Milliseconds(parsed.GetValue(FirstTarget)), Milliseconds(parsed.GetValue(GapTarget))),
            ReloadOf(parsed), NeighboursOf(parsed), LengthsOf(parsed));
    }

    private static ReloadPace? ReloadOf(ParseResult parsed) => parsed.GetValue(ReloadEvery) is not { } text ? null
        : ReloadPace.Parse(text)
            ?? throw new CommandException($"Flag --reload-every is '{text}'; expected seconds from 0.01 to 86400, or a number of "
                + "requests such as 20r.");

    private static ImmutableArray<Neighbour> NeighboursOf(ParseResult parsed) => parsed.GetValue(NeighbourKinds) is not { } text ? []
        : Neighbour.Parse(text)
            ?? throw new CommandException($"Flag --neighbours is '{text}'; expected all, or some of {KindNames}, with commas between "
                + "them.");

    private static Func<TokenLengths> LengthsOf(ParseResult parsed)
    {
        if (parsed.GetValue(File) is { } file)
        {
            Exclude(parsed.GetValue(Prompt) is not null, File, Prompt);
            Exclude(parsed.GetValue(Answer) is not null, File, Answer);
            // Now, and not when a server has been started for it.
            _ = TokenLengths.FromFile(file);
            return () => TokenLengths.FromFile(file);
        }

        var (prompt, answer) = (RangeOf(parsed, Prompt), RangeOf(parsed, Answer));
        return () => TokenLengths.Drawn(prompt, answer);
    }

    private static LengthRange RangeOf(ParseResult parsed, Option<string?> option)
    {
        var text = parsed.GetValue(option) ?? "64";
        return LengthRange.Parse(text)
            ?? throw new CommandException($"Flag {option.Name} is '{text}'; expected a number of tokens, or a range such as 32-512.");
    }

    private static TimeSpan? Milliseconds(double? number) => number is { } ms ? TimeSpan.FromMilliseconds(ms) : null;

    private static void Exclude(bool both, Option one, Option other)
    {
        if (both)
        {
            throw new CommandException($"Flags {one.Name} and {other.Name} exclude each other; give one of them.");
        }
    }

    private static Option<T?> Number<T>(string name, string value, string description, Func<T, bool> fits, string expected)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = value,
            CustomParser = result => Arguments.Number(result, fits, expected),
        };
}
