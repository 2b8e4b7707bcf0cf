using System.Globalization;
using System.Reactive.Linq;
using Orca.Cli.Commands;
using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Orca.Streams.Collecting;
using Orca.Streams.Teachers;

namespace Orca.Cli.Collecting;

/// <summary>
/// Asks a few questions of a collection and tells what the whole will come to. What it asks is stored like any other answer and part of
/// the whole.
/// </summary>
/// <param name="settings">The settings of the whole.</param>
/// <param name="say">Prints a line.</param>
/// <param name="clock">The clock.</param>
internal sealed class CollectPreview(OrcaSettings settings, Action<string> say, TimeProvider clock)
{
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

        var (folder, faults) = (new RunFolder(settings.Run.Folder), new FaultReport(say, () => { }));
        var inputs = RunInputs.Open(folder, settings, faults);
        var sample = new List<SampledCandidate>();
        await using var learning = new LearningSide(
            await LearningParts.OpenAsync(folder, inputs, settings, clock, stop, settings.Collect.PreviewQuestions));
        var before = learning.Counts;
        using var reports = learning.Events!.Subscribe(faults.Hear);
        using var samples = learning.Events!.Select(SampleOf).Subscribe(sampled => sample.AddRange(sampled is { } one ? [one] : []));
        learning.Start();
        await learning.EndAsync().WaitAsync(stop);
        await learning.StopAsync();
        if (sample.Count < 2)
        {
            say($"preview: {(sample.Count == 0 ? "no question" : "one question")} was asked, of which nothing can be told; "
                + "what is wanted is collected already, or there are no more questions");
            return ExitCodes.Failed;
        }

        var remaining = new CollectionGoal { Accept = goal.Accept - before.Accepted, Candidates = goal.Candidates - before.Settled };
        Tell(new CollectionForecast(sample, remaining), sample.Count, remaining, learning.Concurrency);
        return ExitCodes.Done;
    }

    private void Tell(CollectionForecast forecast, int asked, CollectionGoal whole, int concurrency)
    {
        string?[] wanted = [Wanted(whole.Accept, "accepted traces"), Wanted(whole.Candidates, "candidates")];
        say($"preview: {asked} questions asked, {forecast.Accepted} accepted; for {string.Join(" or ", wanted.OfType<string>())}"
            + " in all, each with the range of 95 in 100 cases:");
        say($"yield       {Range(forecast.Yield * 100, share => Text($"{share:F1} %"))}");
        say($"candidates  {Range(forecast.Candidates, count => Text($"{count:N0}"))}");
        say("price       " + (forecast.Cost is { Expected: 0 } ? "none: the teacher has no price" : Range(forecast.Cost, Dollars)));
        var seconds = forecast.Seconds is { } work ? work * (1.0 / concurrency) : (Estimate?)null;
        say($"time        {Range(seconds, Duration)} with {concurrency} {(concurrency == 1 ? "request" : "requests")} in flight");
    }

    private static SampledCandidate? SampleOf(PipelineEvent told) => told switch
    {
        TraceKept kept => Of(kept.Trace, true),
        TraceRejected rejected => Of(rejected.Trace, false),
        RequestFailed => new SampledCandidate(false, 0, 0),
        _ => null,
    };

    private static SampledCandidate Of(Trace trace, bool isAccepted) => new(isAccepted, (double)trace.Cost, trace.Latency.TotalSeconds);

    private static string? Wanted(long? count, string what) => count is { } wanted ? Text($"{wanted:N0} {what}") : null;

    private static string Range(Estimate? estimate, Func<double, string> write) => estimate is { } known
        ? $"{write(known.Expected)} ({write(known.Low)} to {write(known.High)})"
        : "cannot be told: nothing was accepted";

    private static string Dollars(double dollars) => Text($"${dollars:N2}");

    private static string Duration(double seconds) => seconds switch
    {
        < 120 => Text($"{seconds:F0} s"),
        < 7_200 => Text($"{seconds / 60:F0} min"),
        < 172_800 => Text($"{seconds / 3_600:F1} h"),
        _ => Text($"{seconds / 86_400:F1} days"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
