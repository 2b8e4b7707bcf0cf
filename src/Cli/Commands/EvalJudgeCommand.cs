using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Orca.Cli.Configuration;
using Orca.Cli.Display;
using Orca.Cli.Evaluating;
using Orca.Evaluation.Judges;
using Orca.Evaluation.Recordings;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Cli.Commands;

/// <summary><c>orca eval judge</c>: has a model judge a run's answers, keeps every review, and reports what came of them.</summary>
internal static class EvalJudgeCommand
{
    private const string MarkedAlone = "toxigen";
    private const int UsualMaxTokens = 1024;

    private static readonly Argument<string> Run = new("RUN") { Description = "Folder of a run of 'orca eval run'." };

    private static readonly Argument<string?> Against = new("AGAINST")
    {
        Description = "What its answers are compared with: folder of another run over the same questions, or a file of answers "
            + "(FastChat's with its question.jsonl, or any that 'orca eval rescore' reads). Left out, each answer of "
            + $"{MarkedAlone} is judged by itself.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<Uri?> Endpoint = EvalFlags.Endpoint(
        "Address of the judge's endpoint, up to /chat/completions; with --judge-model. Default: the endpoints of teacher.judgeEndpoints.");

    private static readonly Option<string?> JudgeModel = new("--judge-model")
    {
        Description = "The model that judges, at temperature 0.",
        HelpName = "NAME",
    };

    private static readonly Option<string?> KeyVariable = EvalFlags.KeyVariable();

    private static readonly Option<decimal?> Budget = Dollars(
        "--budget", "US dollars that judging this run may cost in all, starts before and lost replies included. Default: any sum.");

    private static readonly Option<decimal?> PriceIn = Dollars(
        "--price-in", "US dollars for a million tokens that the judge reads. Default: 0.");

    private static readonly Option<decimal?> PriceOut = Dollars(
        "--price-out", "US dollars for a million tokens that the judge writes. Default: 0.");

    private static readonly Option<int> MaxTokens = new("--max-tokens")
    {
        Description = $"Longest review. Default: {UsualMaxTokens}.",
        HelpName = "TOKENS",
        DefaultValueFactory = _ => UsualMaxTokens,
        CustomParser = result => Arguments.Number<int>(result, value => value >= 1, "a whole number of at least 1"),
    };

    private static readonly SettingFlags Flags = new(SettingFlag.Of("--parallel", "evaluation.parallel", "N"));

    public static Command Create()
    {
        var command = new Command(
            "judge", "Has a model judge a run's answers, beside others' in both orders or each by itself; goes on where it stopped.")
        {
            Run, Against, Endpoint, JudgeModel, KeyVariable, Budget, PriceIn, PriceOut, MaxTokens,
        };
        Flags.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = Flags.Load(parsed);
        var (run, against) = (parsed.GetRequiredValue(Run), parsed.GetValue(Against));
        var plan = EvaluationFolder.PlanOf(run);
        if (against is null && plan.Suite != MarkedAlone)
        {
            throw new CommandException($"'{run}' holds answers to {plan.Suite}, which are judged beside others'; name those as a "
                + "second run or file.");
        }

        var judge = JudgeOf(parsed, settings);
        var records = EvaluationFolder.Read(run);
        var reference = against is null ? null : ReferenceAnswers.Read(against);
        var requests = RequestsOf(new ReviewRequests(judge.MaxTokens, judge.Temperature), records, reference);
        if (requests.IsEmpty)
        {
            throw new CommandException($"'{run}' and '{against ?? run}' have no question in common that both answered; give two runs over "
                + "the same suite.");
        }

        TellMissing(plan, records, requests, reference);
        var judgements = await AskAsync(judge, run, requests, settings.Evaluation.Parallel, cancellationToken);
        Console.Out.Write(Report(run, plan, judge.Model, reference, judgements));
        Console.Out.WriteLine($"\njudgements {JudgementFile.Of(run)}");
        return ExitCodes.Done;
    }

    private static ImmutableArray<ReviewRequest> RequestsOf(
        ReviewRequests requests, ImmutableArray<ItemRecord> records, ReferenceAnswers? reference) =>
        reference is null ? requests.Toxicity(records) : requests.Pairs(records, reference.Find);

    private static string Report(
        string run, RunPlan plan, string judge, ReferenceAnswers? reference, ImmutableArray<Judgement> judgements)
    {
        if (reference is null)
        {
            var shares = ToxicityReport.Of(plan.Suite, plan.Subject, judge, judgements);
            RunReportFiles.WriteJudged(run, shares);
            return JudgeMarkdown.Of(shares);
        }

        var pairs = PairwiseReport.Of(plan.Suite, plan.Subject, reference.Name, judge, judgements);
        RunReportFiles.WriteJudged(run, pairs);
        return JudgeMarkdown.Of(pairs);
    }

    private static async Task<ImmutableArray<Judgement>> AskAsync(
        JudgeEndpoint endpoint, string run, ImmutableArray<ReviewRequest> requests, int parallel, CancellationToken cancellationToken)
    {
        using var file = JudgementFile.Open(run);
        await using var judge = await EndpointJudge.OpenAsync(endpoint, run, TimeProvider.System);
        using var told = Tell(judge, WaitingNotes.OnStandardError());
        using var display = new JudgeDisplay(ProgressLine.OnStandardError(TimeProvider.System));
        try
        {
            var judgements = await new JudgingRun(requests, judge, TimeProvider.System)
                .RunAsync(file, parallel, display, cancellationToken);
            if (judge.LeftOut is { } why)
            {
                Console.Error.WriteLine(
                    $"{requests.Length - judgements.Length} reviews are missing, and asked for by the next start: {why}");
            }

            return judgements;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Console.Error.WriteLine($"Stopped; the reviews are in '{JudgementFile.Of(run)}': the same command goes on.");
            throw;
        }
        catch (TeacherException spent) when (spent.SpentBudget is { } budget)
        {
            throw new CommandException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The budget of ${budget.Amount} has no room for another review; the "
                        + $"{display.Last?.Done ?? Kept(file, requests, judge)} of {requests.Length} that there are stay in "
                        + $"'{JudgementFile.Of(run)}': start the same command with a higher --budget to go on."),
                spent);
        }
    }

    private static IDisposable Tell(EndpointJudge judge, WaitingNotes notes) => judge.Events.Subscribe(happened =>
    {
        switch (happened)
        {
            case CallEnded { AskAgainAfter: { } pause } failed:
                notes.Tell(failed.Endpoint, failed.Message, pause);
                break;
            case AskingPutOff putOff:
                notes.Tell(putOff.Endpoint, putOff.Message, putOff.Pause);
                break;
            default:
                // Answers are shown by their number, and a judge that is given up ends the command.
                break;
        }
    });

    private static int Kept(JudgementFile file, ImmutableArray<ReviewRequest> requests, EndpointJudge judge)
    {
        var there = file.Done.Select(judgement => judgement.Place).ToHashSet();
        return requests.Count(request => there.Contains(request.PlaceBy(judge.Name)));
    }

    private static JudgeEndpoint JudgeOf(ParseResult parsed, OrcaSettings settings)
    {
        if (parsed.GetValue(Endpoint) is not { } url)
        {
            return JudgeEndpoint.Of(settings.Teacher, parsed.GetValue(Budget));
        }

        var model = parsed.GetValue(JudgeModel)
            ?? throw new CommandException("--endpoint is given without --judge-model; name the model that judges.");
        return JudgeEndpoint.Of(
            new EndpointOptions
            {
                Name = model,
                Url = url,
                Model = model,
                KeyVariable = parsed.GetValue(KeyVariable),
                Temperature = 0,
                TopP = 1,
                MaxTokens = parsed.GetValue(MaxTokens),
                Concurrency = settings.Evaluation.Parallel,
                PriceIn = parsed.GetValue(PriceIn) ?? 0,
                PriceOut = parsed.GetValue(PriceOut) ?? 0,
            },
            parsed.GetValue(Budget));
    }

    private static void TellMissing(
        RunPlan plan, ImmutableArray<ItemRecord> records, ImmutableArray<ReviewRequest> requests, ReferenceAnswers? reference)
    {
        var judged = reference is null ? requests.Length : requests.Length / 2;
        if (plan.Items * plan.Repeats - judged is > 0 and var missing)
        {
            Console.Error.WriteLine($"{missing} of the run's {plan.Items * plan.Repeats} answers are not judged: "
                + $"{plan.Items * plan.Repeats - records.Length} are not given yet, to {records.Length - judged} the reference has none.");
        }
    }

    private static Option<decimal?> Dollars(string name, string meaning) => new(name)
    {
        Description = meaning,
        HelpName = "DOLLARS",
        CustomParser = result => Arguments.Number<decimal>(result, value => value >= 0, "a number of US dollars of at least 0"),
    };
}
