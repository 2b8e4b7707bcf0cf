using System.CommandLine;
using System.Globalization;
using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Orca.Cli.Display;
using Orca.Cli.Traces;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Cli.Commands;

/// <summary>
/// <c>orca traces</c>: what a run has asked, paid and kept. Reads beside a run; only <c>screen</c> and <c>settle</c> want the store for
/// themselves.
/// </summary>
internal static class TracesCommand
{
    private const int ListedAtMost = 50;
    private const int ExamplesOfEach = 3;
    private const int MostOfEach = 1000;

    private static readonly Option<TraceState?> State = new("--state")
    {
        Description = $"Only those of this state: {StateNames}.",
        HelpName = "STATE",
        CustomParser = result =>
        {
            var text = string.Join(' ', result.Tokens);
            if (Enum.GetValues<TraceState>().Cast<TraceState?>().FirstOrDefault(state => Name(state!.Value) == text) is { } found)
            {
                return found;
            }

            result.AddError($"Flag --state is '{text}'; expected one of {StateNames}");
            return null;
        },
    };

    private static readonly Option<string?> Stage = Having("--stage", "Only those asked for this stage.", "STAGE");

    private static readonly Option<string?> Collection = Having("--collection", "Only those of this collection.", "NAME");

    private static readonly Option<string?> Task = Having("--task", "Only those of this task.", "NAME");

    private static readonly Option<string?> Teacher = Having("--answered-by", "Only those that this teacher answered.", "NAME");

    private static readonly Option<string?> Screen = Having("--screen", "Only those that this screen rejected.", "NAME");

    private static readonly Option[] Filters = [State, Stage, Collection, Task, Teacher, Screen];

    private static readonly Option<int> Limit = new("--limit")
    {
        Description = $"Traces listed at most. Default: {ListedAtMost}.",
        HelpName = "N",
        DefaultValueFactory = _ => ListedAtMost,
        CustomParser = result => Arguments.Number<int>(result, value => value >= 1, "a whole number of at least 1"),
    };

    private static readonly Option<int> Each = new("--each")
    {
        Description = $"Examples of each screen at most, the newest first. Default: {ExamplesOfEach}.",
        HelpName = "N",
        DefaultValueFactory = _ => ExamplesOfEach,
        CustomParser = result => Arguments.Number<int>(
            result, value => value is >= 1 and <= MostOfEach, $"a whole number from 1 to {MostOfEach}"),
    };

    private static readonly Option<bool> AsJson = new("--json") { Description = "One JSON object a line, with whole texts." };

    private static readonly Option<string> By = new("--by")
    {
        Description = $"What is counted apart: {string.Join(", ", StoredTraces.Fields)}. Default: state.",
        HelpName = "FIELD",
        DefaultValueFactory = _ => "state",
        CustomParser = result =>
        {
            var text = string.Join(' ', result.Tokens);
            if (!StoredTraces.Fields.Contains(text))
            {
                result.AddError($"Flag --by is '{text}'; expected one of {string.Join(", ", StoredTraces.Fields)}");
            }

            return text;
        },
    };

    private static readonly Argument<string> Id = new("ID") { Description = "The trace's id, or the beginning of it." };

    private static readonly Argument<long[]> Numbers = new("NUMBER")
    {
        Description = "The calls' numbers, as 'orca traces spending' shows them.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<decimal> Cost = new("--cost")
    {
        Description = "What each of them did cost, in US dollars. Default: nothing.",
        HelpName = "DOLLARS",
        CustomParser = result => Arguments.Number<decimal>(result, value => value >= 0, "a number of US dollars of at least 0"),
    };

    private static readonly Argument<string> Target = new("FILE")
    {
        Description = "The file to write: .jsonl for OpenOrca's JSON lines, .parquet for Parquet with a card (.md) beside it.",
    };

    private static readonly Option<bool> Every = new("--all")
    {
        Description = "Also what the screens in force rejected.",
    };

    private static readonly SettingFlags Flags = new(SettingFlag.Of("--run", "run.folder", "DIR"));

    private static string StateNames => string.Join(", ", Enum.GetValues<TraceState>().Select(Name));

    public static Command Create()
    {
        var command = new Command("traces", "Shows what a run has asked, paid and kept.");
        command.Subcommands.Add(Verb("list", "Lists traces in the order they were asked.", List, [.. Filters, Limit]));
        command.Subcommands.Add(Verb(
            "rejected", "Shows by screen how many answers it rejected, and examples: why, what it measured, question and answer.",
            ShowRejected, [Screen, Each, AsJson]));
        command.Subcommands.Add(Verb("count", "Counts traces, their tokens and their price.", Count, [.. Filters, By]));
        command.Subcommands.Add(Verb(
            "show", "Shows all of a trace: question, attempts, price, what each screen found, the lesson.", Show, [Id]));
        command.Subcommands.Add(Verb(
            "spending", "Shows what the run, its stages and its endpoints have spent, and the calls whose price is not known.",
            ShowSpending, []));
        var settle = new Command(
            "settle", "Says what calls did cost whose price is not known, as the provider's bill shows it, and gives back what is reserved "
                + "beyond that.")
        {
            Numbers,
        };
        command.Subcommands.Add(With(settle, [Cost], SettleAsync));
        var export = new Command("export", "Writes answers to a file, those that were accepted where --state does not say "
            + "otherwise.") { Target };
        command.Subcommands.Add(With(export, Filters, ExportAsync));
        var screen = new Command(
            "screen", "Judges stored answers again, without a call, that other settings than those in force rejected; a run does so when "
                + "it starts.");
        command.Subcommands.Add(With(screen, [Every], ScreenAsync));
        return command;
    }

    private static Command Verb(string name, string description, Action<ParseResult, StoredTraces> run, Symbol[] parts)
    {
        var command = new Command(name, description);
        foreach (var argument in parts.OfType<Argument>())
        {
            command.Arguments.Add(argument);
        }

        return With(command, parts.OfType<Option>(), (parsed, settings, _) =>
        {
            using var traces = StoredTraces.Open(new RunFolder(settings.Run.Folder).Traces);
            run(parsed, traces);
            return System.Threading.Tasks.Task.CompletedTask;
        });
    }

    private static Command With(
        Command command, IEnumerable<Option> options, Func<ParseResult, OrcaSettings, CancellationToken, Task> run)
    {
        foreach (var option in options)
        {
            command.Options.Add(option);
        }

        Flags.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await run(parsed, Flags.Load(parsed), cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void List(ParseResult parsed, StoredTraces traces)
    {
        var limit = parsed.GetValue(Limit);
        Console.Out.WriteLine(TraceText.Header);
        var listed = 0;
        foreach (var trace in traces.Read(FilterOf(parsed)).Take(limit + 1))
        {
            if (listed++ == limit)
            {
                Console.Error.WriteLine($"There are more; --limit shows more than {limit}, --state and others choose among them.");
                return;
            }

            Console.Out.WriteLine(TraceText.Line(trace));
        }
    }

    private static void Count(ParseResult parsed, StoredTraces traces)
    {
        var field = parsed.GetRequiredValue(By);
        Console.Out.Write(TraceText.Table(field, traces.Count(FilterOf(parsed), field)));
    }

    private static void Show(ParseResult parsed, StoredTraces traces)
    {
        var trace = traces.Find(parsed.GetRequiredValue(Id).ToLowerInvariant());
        Console.Out.Write(TraceText.Whole(trace, traces.Attempts(trace.Key), traces.FormerVerdicts(trace.Key), traces.Scores(trace.Key)));
    }

    private static void ShowRejected(ParseResult parsed, StoredTraces traces)
    {
        var (screen, each, asJson) = (parsed.GetValue(Screen), parsed.GetValue(Each), parsed.GetValue(AsJson));
        var found = traces.Rejections().Where(rejections => screen is null || rejections.Screen == screen).ToList();
        if (found.Count == 0)
        {
            Console.Error.WriteLine(TerminalText.Harmless($"Nothing was rejected{(screen is null ? "" : $" by '{screen}'")}."));
        }

        foreach (var rejections in found)
        {
            var examples = traces.RejectedLast(rejections.Screen, each);
            Console.Out.Write(asJson ? RejectionText.Json(rejections, examples) : RejectionText.Shown(rejections, examples));
        }
    }

    private static void ShowSpending(ParseResult parsed, StoredTraces traces) =>
        Console.Out.Write(SpendingText.Table(traces.Spending(), traces.UnknownAttempts()));

    private static async Task ExportAsync(ParseResult parsed, OrcaSettings settings, CancellationToken cancellationToken)
    {
        var path = parsed.GetRequiredValue(Target);
        TraceExport.Check(path);
        var filter = FilterOf(parsed);
        filter = filter with { State = filter.State ?? TraceState.Accepted };
        using var traces = StoredTraces.Open(new RunFolder(settings.Run.Folder).Traces);
        string Card(long rows) => DatasetCard.Of(
            path, rows, traces.Count(filter, "teacher"), traces.Count(filter, "collection"), TimeProvider.System.GetUtcNow());
        var written = await TraceExport.WriteAsync(path, traces.Read(filter), Card, cancellationToken);
        Console.Out.WriteLine(
            $"{written} answers in {path}{(Path.GetExtension(path) == ".parquet" ? $", described in {TraceExport.CardOf(path)}" : "")}");
    }

    private static async Task SettleAsync(ParseResult parsed, OrcaSettings settings, CancellationToken cancellationToken)
    {
        var path = new RunFolder(settings.Run.Folder).Traces;
        var numbers = parsed.GetRequiredValue(Numbers);
        var cost = parsed.GetValue(Cost);
        using (var traces = StoredTraces.Open(path))
        {
            Check(numbers, traces.UnknownAttempts(), cost);
        }

        await using var store = TraceStore.Open(path);
        var ledger = store.Ledger();
        foreach (var number in numbers)
        {
            await ledger.SettleAsync(number, new Attempt(AttemptKind.Broken) { Message = "settled by hand" }, cost, null);
        }

        var what = numbers.Length == 1 ? "call" : "calls";
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{numbers.Length} {what} settled at ${cost:0.############} each"));
    }

    private static void Check(long[] numbers, IReadOnlyCollection<StoredAttempt> unknown, decimal cost)
    {
        foreach (var number in numbers)
        {
            var attempt = unknown.FirstOrDefault(attempt => attempt.Key == number) ?? throw new CommandException(
                $"There is no call {number} whose price is not known; 'orca traces spending' shows those that there are.");
            if (cost > attempt.Reserved)
            {
                throw new CommandException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Call {number} cannot have cost ${cost}: at most ${attempt.Reserved} were reserved for it."));
            }
        }
    }

    private static async Task ScreenAsync(ParseResult parsed, OrcaSettings settings, CancellationToken cancellationToken)
    {
        var folder = new RunFolder(settings.Run.Folder);
        using (StoredTraces.Open(folder.Traces))
        {
            // Told before a student is looked for: a store is not made here.
        }

        var faults = new FaultReport(Console.Error.WriteLine, () => { });
        var inputs = await Abandonable.RunAsync(() => RunInputs.Open(folder, settings, faults), cancellationToken);
        await using var store = TraceStore.Open(folder.Traces);
        var screens = RunScreens.Of(settings, inputs.LessonsOf(settings), store, RunScreens.EarlierOf(settings, folder));
        var again = await store.ScreenAgainAsync(screens, parsed.GetValue(Every), cancellationToken);
        Console.Out.WriteLine($"{again.Judged} rejected answers judged again, {again.Accepted} of them are accepted now");
    }

    private static TraceFilter FilterOf(ParseResult parsed) => new()
    {
        State = parsed.GetValue(State),
        Stage = parsed.GetValue(Stage),
        Collection = parsed.GetValue(Collection),
        Task = parsed.GetValue(Task),
        Teacher = parsed.GetValue(Teacher),
        Screen = parsed.GetValue(Screen),
    };

    private static Option<string?> Having(string name, string description, string value) =>
        new(name) { Description = description, HelpName = value };

    private static string Name(TraceState state) => state.ToString().ToLowerInvariant();
}
