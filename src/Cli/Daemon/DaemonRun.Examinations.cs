using Grpc.Core;
using Orca.Cli.Commands;
using Orca.Cli.Display;
using Orca.Serving.Checkpoints;
using Orca.Streams.Curricula.Stages;

namespace Orca.Cli.Daemon;

/// <content>The student's examinations before and after, and samples meanwhile.</content>
internal sealed partial class DaemonRun
{
    private static readonly TimeSpan LoadPatience = TimeSpan.FromSeconds(60);

    private async Task<Examiner?> ExaminerAsync(Parts parts, CancellationToken stop)
    {
        if (parts is not { Serving: { } serving, Learning: { Trainer: not null } learning, Inputs.Student: { } student })
        {
            return null;
        }

        var questions = await HeldOutQuestions.DrawAsync(parts.Inputs, student, settings, stop);
        parts.Gate.Begin(questions, serving.StudentOf);
        return questions.IsEmpty ? null : new Examiner(
            questions, serving.Student, settings.Evaluation, _folder.Reports, parts.Monitor, clock)
        {
            Sampled = query => HeldOutQuestions.Prompted(query, parts.Inputs.Messages, Stages.OfMessages(learning.Curriculum.Status.Stage)),
            OnSampled = (right, asked) => learning.Curriculum.Hear(new Examined(parts.Monitor.Snapshot().Step, right, asked)),
        };
    }

    // That of the untrained student, from this start or the run's first one.
    private async Task<Examination?> BeforeAsync(Examiner examiner, Parts parts, CancellationToken stop)
    {
        if (Examiner.Earlier(_folder.Reports, "before") is { } earlier)
        {
            return earlier;
        }

        // Of the untrained student there is one in the form of an earlier version of the program: what is there now is not what was before.
        if (Directory.Exists(_folder.Reports) && Directory.GetFiles(_folder.Reports, "*-before.json").Length > 0)
        {
            return null;
        }

        parts.Monitor.Enter("examining");
        var trouble = parts.Learning!.EndAsync();
        var loaded = parts.Serving!.LoadedAsync(null, stop);
        var unpublished = parts.Learning.FirstFaultAsync();
        var first = await Task.WhenAny(loaded, trouble, unpublished);
        if (first == unpublished)
        {
            throw new CommandException($"The student could not be published before it learns, so nothing was begun. {await unpublished}");
        }

        if (first == trouble)
        {
            await trouble;
        }

        await loaded;
        if (await ExaminedAsync(examiner, "before", parts.Display, stop) is not { } before)
        {
            return null;
        }

        parts.Display.Say($"before: {before.Summary}");
        return before;
    }

    // Null where the server has no room for it: an examination is a look at training, and must never be what ends it.
    private static async Task<Examination?> ExaminedAsync(Examiner examiner, string title, RunDisplay display, CancellationToken stop)
    {
        try
        {
            return await examiner.ExamineAsync(title, stop);
        }
        catch (Exception refused) when (!stop.IsCancellationRequested && PatientStudent.IsRefusal(refused))
        {
            var why = refused is RpcException rpc ? rpc.Status.Detail : refused.Message;
            display.Say($"the examination '{title}' is left out, since the server answers no question of it: {why}");
            return null;
        }
    }

    private async Task AfterAsync(Examiner examiner, Examination? before, string lastCheckpoint, Parts parts, CancellationToken stop)
    {
        if (await LastLoadedAsync(lastCheckpoint, parts, stop) is not { } loaded)
        {
            return;
        }

        // One that was kept back leaves the version before it, which is examined then.
        if (loaded.Reason is { } reason && !parts.Gate.HasKeptBack(loaded.Checkpoint))
        {
            throw new CommandException($"The server rejected the last checkpoint '{lastCheckpoint}': {reason}");
        }

        parts.Monitor.Enter("examining");
        if (await ExaminedAsync(examiner, "after", parts.Display, stop) is not { } after)
        {
            return;
        }

        parts.Display.Say($"\n{after.TableBeside(before)}\nafter: {after.Summary}\nreport {after.Folder}");
        if (before?.Report.Plan.SuiteHash == after.Report.Plan.SuiteHash && File.Exists(_folder.Traces)
            && StudentReport.Price(_folder.Traces, before!.Accuracy, after.Accuracy) is { } price)
        {
            parts.Display.Say(price);
        }
    }

    // Null where the server does not take it over in time.
    private async Task<VersionRecord?> LastLoadedAsync(string checkpoint, Parts parts, CancellationToken stop)
    {
        // The server may rest so long between two versions.
        var wait = LoadPatience + TimeSpan.FromSeconds(settings.Serving.MinReloadSeconds);
        using var patience = new CancellationTokenSource(wait, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stop);
        try
        {
            return await parts.Serving!.LoadedAsync(Path.GetFileName(checkpoint), either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            parts.Display.Say(
                $"the server did not take '{Path.GetFileName(checkpoint)}' over within {Durations.Text(wait)}, so it is not examined; "
                    + $"'orca eval --model {checkpoint}' does");
            return null;
        }
    }
}
