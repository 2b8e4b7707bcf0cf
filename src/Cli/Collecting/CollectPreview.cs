using System.Globalization;
using Orca.Cli.Commands;
using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Orca.Cli.Display;
using Orca.Streams.Collecting;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;

namespace Orca.Cli.Collecting;

/// <summary>
/// Asks a few questions of a collection and tells what the whole will come to: as many as the settings say, and more where their answers
/// differ too much for a price within 20 %. What it asks is stored like any other answer and part of the whole.
/// </summary>
/// <param name="settings">The settings of the whole.</param>
/// <param name="say">Prints a line.</param>
/// <param name="clock">The clock.</param>
internal sealed class CollectPreview(OrcaSettings settings, Action<string> say, TimeProvider clock)
{
    private const double Precise = 0.2;

    // Money is spent for it: no more than so many times what was asked for.
    private const int MostTimes = 5;

    private readonly List<SampledCandidate> _sample = [];
    private SampledCandidate _current;
    private string _stage = "";

    /// <summary>Asks, and tells.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">No whole is named.</exception>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var goal = LearningParts.GoalOf(settings.Collect);
        if (goal is { Accept: null, Candidates: null })
        {
            throw new CommandException("A preview tells what a whole comes to; say which with --accept N or --candidates M.");
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (settings.Run.MaxMinutes is { } minutes)
        {
            ending.CancelAfter(TimeSpan.FromMinutes(minutes));
        }

        var (asked, wanted, end) = (-1, settings.Collect.PreviewQuestions, (CollectionEnd?)null);
        StoreCounts? before = null;
        while (_sample.Count > asked && wanted > _sample.Count)
        {
            asked = _sample.Count;
            (var held, end) = await AskAsync(wanted - asked, stop, ending.Token);
            stop.ThrowIfCancellationRequested();
            before ??= held;
            wanted = _sample.Count < 2 || end is CollectionEnd.OutOfTime ? 0
                : Math.Min(
                    MostTimes * settings.Collect.PreviewQuestions, new CollectionForecast(_sample, Rest(goal, before)).SampleFor(Precise));
        }

        if (_sample.Count < 2)
        {
            say($"preview: {(_sample.Count == 0 ? "no question" : "one question")} was asked, of which nothing can be told: "
                + RunEnd.Reason(end, goal));
            return end is CollectionEnd.GoalReached ? ExitCodes.Done : ExitCodes.Failed;
        }

        Tell(new CollectionForecast(_sample, Rest(goal, before!)), Rest(goal, before!), isWhole: before!.Settled == 0);
        return ExitCodes.Done;
    }

    private static CollectionGoal Rest(CollectionGoal goal, StoreCounts before) =>
        new() { Accept = goal.Accept - before.Accepted, Candidates = goal.Candidates - before.Questions };

    // Returns how many requests had ended before, and why asking ended.
    private async Task<(StoreCounts Before, CollectionEnd? End)> AskAsync(
        int questions, CancellationToken stop, CancellationToken ending)
    {
        var (folder, faults) = (new RunFolder(settings.Run.Folder), new FaultReport(say, () => { }));
        var inputs = RunInputs.Open(folder, settings, faults);
        await using var learning = new LearningSide(
            await LearningParts.OpenAsync(folder, inputs, settings, clock, stop, questions));
        var before = learning.Counts;
        using var reports = learning.Events!.Subscribe(faults.Hear);
        using var samples = learning.Events!.Subscribe(Take);
        learning.Start();
        try
        {
            await learning.EndAsync().WaitAsync(ending);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // What is under way is answered, and counts.
        }

        var end = (await learning.StopAsync()).Collecting;
        return (before, end is CollectionEnd.Cancelled ? CollectionEnd.OutOfTime : end);
    }

    private void Tell(CollectionForecast forecast, CollectionGoal wanted, bool isWhole)
    {
        string?[] amounts = [Wanted(wanted.Accept, "accepted traces"), Wanted(wanted.Candidates, "candidates")];
        say($"preview: {_sample.Count} questions asked, {forecast.Accepted} accepted; for {string.Join(" or ", amounts.OfType<string>())}"
            + $"{(isWhole ? " in all" : " that are still wanted, these among them")}, each with the range of 95 in 100 cases:");
        say($"yield       {Range(forecast.Yield * 100, share => Text($"{share:F1} %"))}");
        say($"candidates  {Range(forecast.Candidates, count => Text($"{count:N0}"))}");
        say("price       " + (forecast.Cost is { Expected: 0 } ? "none: the teacher has no price" : Range(forecast.Cost, Dollars)));
        say("time        " + TimeOf(forecast));
    }

    private string TimeOf(CollectionForecast forecast) => TeacherPace.Of(settings.Teacher, _stage) is not { } pace
        ? "as long as the batches take"
        : pace.TimeOf(forecast) is { } time ? $"{Range(time.Seconds, Durations.Text)} at {time.Bound}" : Range(null, Durations.Text);

    private void Take(PipelineEvent told)
    {
        // Which question it is about makes no difference to the sum.
        if (told is AnswerJudged { Reply: var reply })
        {
            _current = _current.Plus(Of(reply, false));
        }

        if ((told switch
        {
            TraceKept kept => (kept.Trace.Request, Of(kept.Trace, true)),
            TraceRejected rejected => (rejected.Trace.Request, Of(rejected.Trace, false)),
            RequestFailed failed => (failed.Request, new SampledCandidate(false, 0, 0)),
            _ => ((TeacherRequest, SampledCandidate)?)null,
        }) is var (request, sampled))
        {
            // Of several answers to a question the first is told last.
            _current = _current.Plus(sampled);
            if (request.Sample == 0)
            {
                _sample.Add(_current);
                _current = default;
            }
        }

        _stage = told is StageOpened opened && _sample.Count == 0 ? opened.Stage : _stage;
    }

    private static SampledCandidate Of(Trace trace, bool isAccepted) =>
        new(isAccepted, (double)trace.Cost, trace.Latency.TotalSeconds, trace.PromptTokens + trace.CompletionTokens);

    private static string? Wanted(long? count, string what) => count is { } wanted ? Text($"{wanted:N0} {what}") : null;

    private static string Range(Estimate? estimate, Func<double, string> write) => estimate is { } known
        ? $"{write(known.Expected)} ({write(known.Low)} to {write(known.High)})"
        : "cannot be told: nothing was accepted";

    private static string Dollars(double dollars) => Text($"${dollars:N2}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
