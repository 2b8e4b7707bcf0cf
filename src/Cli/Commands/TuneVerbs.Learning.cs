using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using Orca.Cli.Clients;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Mixtures;
using Orca.Streams.Curricula.Replay;
using Orca.Streams.Teachers;

namespace Orca.Cli.Commands;

/// <content>How fast, how often and from whom.</content>
internal static partial class TuneVerbs
{
    private const string Off = "off";

    private static readonly Argument<MixturePolicyKind?> PolicyKind = new("POLICY")
    {
        Description = "fixed (the weights alone), proportional (to what there is of each), temperature (between proportional and even) or "
            + "adaptive (more of what the student gains on).",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result => Word(result, "POLICY", Enum.GetValues<MixturePolicyKind>()),
    };

    private static readonly Option<double?> Temperature = Number(
        "--temperature", "Of temperature: 1 is proportional, larger ones are more even.", value => value >= 1, "a number of at least 1");

    private static readonly Option<double?> RandomShare = Number(
        "--random-share", "Of adaptive: share of the lessons that are drawn evenly for good.", value => value is > 0 and <= 1,
        "a number above 0, to 1");

    private static readonly Argument<string?> PacingOff = new("off")
    {
        Description = "Everything is taught.",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result =>
        {
            if (result.Tokens is [{ Value: Off }])
            {
                return Off;
            }

            result.AddError($"'{string.Join(' ', result.Tokens)}' is no pace; expected off, or flags");
            return null;
        },
    };

    private static readonly Option<int?> Difficulty = Whole("--difficulty", "Teaches lessons up to this difficulty.", 1);

    private static readonly Option<int?> LessonTokens = Whole("--tokens", "Teaches lessons up to this many tokens, prompt and answer.", 2);

    private static readonly Option<double?> NextAtLoss = Number(
        "--next-at-loss", "Has each task go on to its next difficulty once the loss on the one before is below this.",
        value => value is > 0 and < double.PositiveInfinity, "a number above 0");

    private static readonly Option<double?> NextAtAccuracy = Number(
        "--next-at-accuracy", "Has each task go on to its next difficulty once the student, asked first, is right in this share of the one "
            + "before.",
        value => value is > 0 and <= LessonPacing.MaxAccuracy, "a share above 0, to 0.95");

    private static readonly Option<double?> Ratio = Number(
        "--ratio", "Repeated lessons for each fresh one while there are both.", value => value is >= 0 and <= ReplayTuning.MaxRatio,
        "a number from 0 to 100");

    private static readonly Option<int?> Reuses = Whole("--reuses", "Times that a lesson may be taught again.", 0);

    private static readonly Argument<string[]> Switches = new("NAME=on|off")
    {
        Description = "Endpoints that are asked from now on, or not.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> RequestsPerMinute = new("--requests-per-minute")
    {
        Description = "Requests a minute at most, by endpoint, such as openai=60,local=600.",
        HelpName = "NAME=N",
    };

    private static readonly Option<string?> TokensPerMinute = new("--tokens-per-minute")
    {
        Description = "Tokens a minute at most, by endpoint.",
        HelpName = "NAME=N",
    };

    private static readonly Option<decimal?> Budget = new("--budget")
    {
        Description = "Most that all calls of the run may cost, in the currency of their prices.",
        HelpName = "AMOUNT",
        CustomParser = result => Arguments.Number<decimal>(result, value => value >= 0, "an amount of at least 0"),
    };

    private static readonly Option<double?> Scale = Number(
        "--scale", "Factor of the rate that the schedule gives.", value => value is > 0 and <= RateTuning.MaxScale,
        "a number above 0, to 1000");

    private static readonly Option<bool> Restart = new("--restart") { Description = "Begins the schedule anew: warm-up, then its peak." };

    private static IEnumerable<(Command Command, Func<ParseResult, CurriculumCommand> Read)> CreateLearning()
    {
        yield return (
            new Command("policy", "Sets what decides the shares of collections and tasks; weights are factors of it.")
            {
                PolicyKind,
                Temperature,
                RandomShare,
            },
            parsed => new PolicyCommand(new MixturePolicy(
                parsed.GetValue(PolicyKind)!.Value, parsed.GetValue(Temperature) ?? MixturePolicy.DefaultTemperature,
                parsed.GetValue(RandomShare) ?? MixturePolicy.DefaultRandomShare)));
        yield return (
            new Command("pacing", "Sets which lessons are taught by now; others wait.")
            {
                PacingOff, Difficulty, LessonTokens, NextAtLoss, NextAtAccuracy,
            },
            Pacing);
        yield return (
            new Command("replay", "Sets how often lessons are taught again.") { Ratio, Reuses },
            parsed => new ReplayCommand(new ReplayTuning(parsed.GetValue(Ratio), parsed.GetValue(Reuses))));
        yield return (
            new Command("teachers", "Sets which teachers are asked, how fast and for how much, from the next call on.")
            {
                Switches,
                RequestsPerMinute,
                TokensPerMinute,
                Budget,
            },
            parsed => new TeachersCommand(Teachers(parsed)));
        yield return (
            new Command("rate", "Changes the learning rate from the next step on.") { Scale, Restart },
            parsed => new RateCommand(new RateTuning(parsed.GetValue(Scale), parsed.GetValue(Restart))));
    }

    private static PacingCommand Pacing(ParseResult parsed)
    {
        var pacing = new LessonPacing(
            parsed.GetValue(Difficulty), parsed.GetValue(LessonTokens), parsed.GetValue(NextAtLoss), parsed.GetValue(NextAtAccuracy));
        return parsed.GetValue(PacingOff) is null == (pacing == LessonPacing.None)
            ? throw new CommandException(
                "A pace is either off, or has --difficulty, --tokens, --next-at-loss or --next-at-accuracy; give one of these.")
            : new PacingCommand(pacing);
    }

    private static TeacherTuning Teachers(ParseResult parsed)
    {
        var endpoints = new SortedDictionary<string, EndpointTuning>(StringComparer.Ordinal);
        void Change(string name, Func<EndpointTuning, EndpointTuning> change) =>
            endpoints[name] = change(endpoints.GetValueOrDefault(name) ?? new EndpointTuning());

        foreach (var pair in (parsed.GetValue(Switches) ?? []).SelectMany(text => text.Split(',')))
        {
            var split = pair.LastIndexOf('=');
            var isOn = pair[(split + 1)..] switch { "on" => true, Off => false, _ => (bool?)null };
            if (split < 1 || isOn is null)
            {
                throw new CommandException($"'{pair}' switches no endpoint; expected NAME=on or NAME=off.");
            }

            Change(pair[..split].Trim(), endpoint => endpoint with { Enabled = isOn });
        }

        foreach (var (name, number) in Rates(parsed.GetValue(RequestsPerMinute)))
        {
            Change(name, endpoint => endpoint with { RequestsPerMinute = number });
        }

        foreach (var (name, number) in Rates(parsed.GetValue(TokensPerMinute)))
        {
            Change(name, endpoint => endpoint with { TokensPerMinute = number });
        }

        return new TeacherTuning
        {
            Budget = parsed.GetValue(Budget),
            Endpoints = endpoints.ToImmutableSortedDictionary(StringComparer.Ordinal),
        };
    }

    private static IEnumerable<(string Name, int Number)> Rates(string? text) => text is null ? [] : NumbersByName.Rates(text)
        .Select(pair => (pair.Key, checked((int)pair.Value)));

    private static Option<double?> Number(string name, string description, Func<double, bool> fits, string expected) => new(name)
    {
        Description = description,
        HelpName = "NUMBER",
        CustomParser = result => Arguments.Number(result, fits, expected),
    };

    private static Option<int?> Whole(string name, string description, int least) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => Arguments.Number<int>(result, value => value >= least, $"a whole number of at least {least}"),
    };

    private static T? Word<T>(ArgumentResult result, string name, params T[] known)
        where T : struct, Enum
    {
        var text = string.Join(' ', result.Tokens);
        foreach (var one in known)
        {
            if (one.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return one;
            }
        }

        result.AddError($"{name} is '{text}'; expected one of {string.Join(", ", known.Select(one => one.ToString().ToLowerInvariant()))}");
        return null;
    }
}
