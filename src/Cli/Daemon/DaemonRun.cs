using System.Globalization;
using System.Reactive.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Orca.Cli.Commands;
using Orca.Cli.Configuration;
using Orca.Cli.Display;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Watching;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Training;
using Spectre.Console;

namespace Orca.Cli.Daemon;

/// <summary>
/// One start of a run: opens or resumes its folder, starts the roles, examines the student before and after, shows how it
/// stands, and ends everything in order.
/// </summary>
/// <param name="settings">The settings of this start.</param>
/// <param name="console">Where it is shown.</param>
/// <param name="clock">The clock.</param>
internal sealed partial class DaemonRun(OrcaSettings settings, IAnsiConsole console, TimeProvider clock)
{
    private static readonly TimeSpan SpendInterval = TimeSpan.FromSeconds(1);

    private readonly RunFolder _folder = new(settings.Run.Folder);

    /// <summary>Runs until a limit of the settings, the end of the lessons or the token.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        using var monitor = new RunMonitor(clock);
        await using var display = new RunDisplay(settings.Display, console, monitor.Snapshot, clock);
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(new DisplayLogger(display.Say)));
        _folder.Make();
        var history = new RunHistory(clock);
        using var feed = new WatchFeed(history);
        var faults = new FaultReport(display.Say, monitor.NoteFault, feed.Fault);
        var indexing = new IndexingReport(display.Say, clock);
        var inputs = await Abandonable.RunAsync(() => RunInputs.Open(_folder, settings, faults, indexing, display.Say, stop), stop);
        Introduce(inputs, display);
        if (settings.Run.Has("collect") && settings.Tasks.EvaluationSets.IsEmpty && inputs.Sources.Any(source => source is FileSource))
        {
            display.Say(RunScreens.NoEvaluationSets);
        }

        await using var learning = await OpenLearningAsync(inputs, faults, monitor, display, (history, feed));
        var gate = new ExaminationGate(
            settings.Evaluation, () => learning?.Curriculum.Status.Steering.Gate ?? GateTuning.None, _folder.Reports, display.Say, clock);
        await using var serving = settings.Run.Has("serve")
            ? await ServingSide.FollowAsync(_folder.Checkpoints, settings, loggers, learning?.Curriculum, gate, stop)
            : null;
        using var quiet = new CancellationTokenSource();
        var showing = display.RunAsync(quiet.Token);
        var watching = serving is null ? Task.CompletedTask
            : Task.WhenAll(monitor.WatchAsync(serving.Versions, quiet.Token), feed.WatchAsync(serving.Versions, quiet.Token));
        RunEnd? end;
        ExceptionDispatchInfo? givenUp = null;
        var parts = new Parts(learning, serving, gate, monitor, display, inputs);
        try
        {
            end = await LiveAsync(parts, stop);
            givenUp = learning?.GivenUp is { } failure ? ExceptionDispatchInfo.Capture(failure) : null;
        }
        catch (TeacherException failure) when (learning is { Trainer: null })
        {
            // What was collected until then is told first.
            givenUp = ExceptionDispatchInfo.Capture(failure);
            end = Conclude(await learning.StopAsync(), parts, stop);
        }
        finally
        {
            await quiet.CancelAsync();
            await showing;
            await watching;
        }

        if (settings.Curriculum.ControlShare > 0 && File.Exists(_folder.Traces))
        {
            foreach (var line in ControlReport.Lines(_folder.Traces))
            {
                display.Say(line);
            }
        }

        if (settings.Curriculum.AskStudentFirst && File.Exists(_folder.Traces) && StudentReport.Line(_folder.Traces) is { } asked)
        {
            display.Say(asked);
        }

        if (end is not null)
        {
            display.Say(end.Line);
        }

        givenUp?.Throw();
        return end?.ExitCode ?? ExitCodes.Done;
    }

    private void Introduce(RunInputs inputs, RunDisplay display)
    {
        var begin = inputs.Latest is { } latest ? $"going on from {Path.GetFileName(latest.Folder)}"
            : File.Exists(_folder.Traces) ? "going on" : "a new run";
        if (inputs.Student is { } student)
        {
            Introduce(student, $"run {_folder.Path}: {begin}", display);
            if (inputs.Latest?.State.RateLevel is < 1 and var level && !settings.Training.RestartSchedule)
            {
                display.Say(string.Create(
                    CultureInfo.InvariantCulture,
                    $"the learning rate has come down to {level:P0} of its peak and does not rise again; "
                        + $"training.restartSchedule=true begins its schedule anew"));
            }
        }
        else
        {
            display.Say($"run {_folder.Path}: {begin}");
        }
    }

    // Apart, so that its code, and with it libtorch, is not loaded where there is no student.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Introduce(Student student, string run, RunDisplay display)
    {
        display.Say($"{run}, student of {student.Config.ParameterCount / 1e6:F1} M parameters");
        display.Say(TemplateNotice.Of(student.Template));
    }

    private sealed record Parts(
        LearningSide? Learning, ServingSide? Serving, ExaminationGate Gate, RunMonitor Monitor, RunDisplay Display, RunInputs Inputs);

    private async Task<LearningSide?> OpenLearningAsync(
        RunInputs inputs, FaultReport faults, RunMonitor monitor, RunDisplay display, (RunHistory History, WatchFeed Feed) watched)
    {
        if (!settings.Run.Has("collect") && !settings.Run.Has("train"))
        {
            return null;
        }

        var parts = await LearningParts.OpenAsync(_folder, inputs, settings, clock, CancellationToken.None, history: watched.History);
        if (parts.Memory is { } memory)
        {
            display.Say(memory.Line);
        }

        if (parts.ScreenedAgain is { Judged: > 0 } again)
        {
            display.Say(
                $"{again.Judged} stored answers were rejected under other settings; judged again, {again.Accepted} of them are accepted");
        }

        if (parts.Pipeline is { } pipeline)
        {
            pipeline.Events.Subscribe(faults.Hear);
            monitor.Watch(pipeline.TracesPerSecond);
            pipeline.Statistics.Sample(SpendInterval).Subscribe(statistics => watched.Feed.Spent(statistics.Cost));
        }

        monitor.Watch(parts.Curriculum);
        if (parts.Trainer is { } trainer)
        {
            monitor.Watch(trainer, settings.Run.MaxSteps);
            trainer.Steps.Subscribe(faults.Hear);
            trainer.Publications.Subscribe(faults.Hear);
            trainer.Rollbacks.Subscribe(faults.Hear);
            watched.Feed.Watch(trainer);
        }

        return new LearningSide(parts)
        {
            OnGivenUp = failure => display.Say($"the teacher is given up; what it has answered is learned: {failure.Message}"),
        };
    }

    private async Task<RunEnd?> LiveAsync(Parts parts, CancellationToken stop)
    {
        if (parts.Serving is { } serving)
        {
            parts.Display.Say($"serving on {serving.Endpoint.Authority}");
            parts.Display.Say($"OpenAI-compatible HTTP on {serving.HttpEndpoint}v1");
            var waits = parts.Learning?.Follow(serving.Scorer, serving.Student, serving.LoadedAsync(null, stop)) == true;
            if (waits && !settings.Run.Has("train"))
            {
                parts.Display.Say("answers wait for their score 'loss' until there is a checkpoint that the student answers from");
            }
        }

        parts.Learning?.Start();
        var (examiner, before) = ((Examiner?)null, (Examination?)null);
        try
        {
            examiner = await ExaminerAsync(parts, stop);
            before = examiner is null ? null : await BeforeAsync(examiner, parts, stop);
            parts.Learning?.OpenGate();
            parts.Monitor.Enter("running");
            await UntilTheEndAsync(parts, examiner, stop);
        }
        catch (Exception e) when (IsEndAskedFor(e, stop))
        {
            // Asked to end before it had begun in earnest: what there is is saved all the same.
        }

        parts.Monitor.Enter("finishing");
        if (parts.Learning is { CallsInFlight: > 0 and var calls })
        {
            parts.Display.Say($"{calls} {(calls == 1 ? "call is" : "calls are")} under way and paid for: waiting for the answers, "
                + $"{settings.Teacher.FinishSeconds:0.#} s at most (teacher.finishSeconds)");
        }

        var ended = parts.Learning is { } learning ? await learning.StopAsync() : new LearningEnd(null, null, null);
        try
        {
            if (examiner is not null && ended.Training?.LastCheckpoint is { } last && !stop.IsCancellationRequested)
            {
                await AfterAsync(examiner, before, last, parts, stop);
            }
        }
        catch (Exception e) when (IsEndAskedFor(e, stop))
        {
            // Asked to end meanwhile: everything is saved, and an examination may take as long as the run.
        }

        var end = Conclude(ended, parts, stop);
        parts.Monitor.Enter(end is null or { ExitCode: ExitCodes.Done } ? "done" : "ended");
        return end;
    }

    private static bool IsEndAskedFor(Exception e, CancellationToken stop) =>
        stop.IsCancellationRequested && e is OperationCanceledException or RpcException;

    private async Task UntilTheEndAsync(Parts parts, Examiner? examiner, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (parts.Learning?.Trainer is null && settings.Run.MaxMinutes is { } minutes)
        {
            ended.CancelAfter(TimeSpan.FromMinutes(minutes));
        }

        var sampling = examiner?.SampleAsync(ended.Token) ?? Task.CompletedTask;
        var asked = Task.Delay(Timeout.InfiniteTimeSpan, ended.Token);
        var first = await Task.WhenAny(
            parts.Learning?.EndAsync() ?? asked,
            parts.Serving?.Completion ?? asked,
            FailureOf(sampling, asked),
            asked);
        await ended.CancelAsync();
        await sampling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (first != asked)
        {
            await first;
        }
    }

    private RunEnd? Conclude(LearningEnd ended, Parts parts, CancellationToken stop)
    {
        if (ended.Training?.PublishFault is { } fault)
        {
            throw new CommandException($"The last checkpoint could not be published: {fault}");
        }

        return ended.Training is { } training ? RunEnd.Of(training)
            : ended.Collected is { } collected
                ? RunEnd.Of(
                    ended.Collecting is CollectionEnd.Cancelled && !stop.IsCancellationRequested
                        ? CollectionEnd.OutOfTime
                        : ended.Collecting,
                    LearningParts.GoalOf(settings.Collect), collected, parts.Learning!.Counts)
            : null;
    }

    // Completes when the other one does, or faulted when the task fails.
    private static async Task FailureOf(Task task, Task other)
    {
        await task;
        await other.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
