using System.Collections.Immutable;
using Orca.Streams.Bus;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Watching;
using Orca.Streams.Storage;

namespace Orca.Streams.Curricula;

/// <content>Commands: judged, journaled and carried out on the loop, one after another; and the status that it shows.</content>
public sealed partial class Curriculum
{
    private readonly List<(CommandReceipt Receipt, CommandMessage Message)> untold = [];

    /// <inheritdoc/>
    public CurriculumStatus Status
    {
        get
        {
            var (steering, progress) = state;
            var stage = options.Stages.IndexOf(progress.Stage);
            var counts = store.Counts;
            return new CurriculumStatus
            {
                Steering = steering,
                Stage = progress.Stage,
                StageLessons = progress.StageLessons,
                StageLength = options.Stages[stage].Lessons,
                Mixture = collecting.Collections.Union(steering.Mixture.Weights.Keys)
                    .ToImmutableSortedDictionary(name => name, steering.Mixture.WeightOf, StringComparer.Ordinal),
                Policy = steering.Policy ?? options.Policy,
                Pacing = PacingOf(steering.Pacing ?? options.Pacing),
                Gains = progress.Gains.Arms.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value.Gain, StringComparer.Ordinal),
                Regret = progress.Gains.Regret,
                StudentAccuracy = students.Accuracies,
                Proof = proof,
                TracesAccepted = counts.Accepted,
                RejectedByScreen = counts.RejectedByScreen,
                TracesWaiting = book is null ? 0 : waitingCount,
                LessonsCapacity = options.LessonCapacity,
                LessonsDelivered = progress.Lessons,
                LessonsReplayed = progress.Replayed,
                LessonsDropped = progress.Dropped,
                LessonsHash = progress.Hash,
                Epoch = progress.Replay.Epoch,
                TasksUsedUp = supply[stage] == TraceSupply.UsedUp,
                Finished = finished,
            };
        }
    }

    /// <inheritdoc/>
    public async Task<CommandReceipt> ApplyAsync(CommandEnvelope envelope, CancellationToken cancellationToken)
    {
        if (envelope.Fault is { } fault)
        {
            throw new CommandRefusedException(fault);
        }

        // Completed on the loop: whoever waits goes on elsewhere.
        var done = new TaskCompletionSource<CommandReceipt>(TaskCreationOptions.RunContinuationsAsynchronously);
        return inbox.Writer.TryWrite(new CommandMessage(envelope, done))
            ? await done.Task.WaitAsync(cancellationToken)
            : throw OverException();
    }

    private async Task HandleCommandAsync(CommandMessage message)
    {
        try
        {
            var (id, command, expected) = message.Envelope;
            var payload = CommandJson.WritePayload(command);

            // One that was done before is answered as it was then, though it might be refused now.
            if (store.CommandOf(id) is { } known)
            {
                message.Done.TrySetResult(known.Kind == command.Kind && known.Payload == payload ? ReceiptOf(known)
                    : throw new CommandRefusedException(
                        $"The command id '{id}' belongs to an earlier '{known.Kind}'; give each command its own id.", RefusalKind.IdTaken));
                return;
            }

            if (expected is { } revision && revision != state.Steering.Revision)
            {
                throw new CommandRefusedException(
                    $"The command expects revision {revision}, and the curriculum is at {state.Steering.Revision}; look at what has "
                        + "changed and send it again.",
                    RefusalKind.Outdated);
            }

            if (command.FaultIn(state.Steering, Known()) is { } fault)
            {
                throw new CommandRefusedException(fault);
            }

            await KeepAndApplyAsync(message, new JournaledCommand(state.Steering.Revision, id, command.Kind, payload));
        }
        catch (CommandRefusedException refusal)
        {
            message.Done.TrySetException(refusal);
        }
        catch (TraceStoreException failure)
        {
            message.Done.TrySetException(new CommandRefusedException(
                $"The command could not be kept, so nothing has changed: {failure.Message}", RefusalKind.NotKept));
        }
    }

    // No question is drawn and no lesson chosen between the writing and the taking effect, so what is written of them is so.
    private async Task KeepAndApplyAsync(CommandMessage message, JournaledCommand command)
    {
        await Bus.HoldAsync();
        try
        {
            var (kept, _) = await store.JournalAsync(command with { Lesson = state.Progress.Lessons + 1, Draw = Bus.NextDraw });
            Apply(kept.Revision, message.Envelope.Command);
            await TellAsync(message, ReceiptOf(kept));
        }
        finally
        {
            Bus.Release();
        }

        if (message.Envelope.Command is PublishCommand)
        {
            publishRequests.OnNext(new PublishRequest(state.Steering.Revision, message.Envelope.Id));
        }
    }

    // What the step is, is known at once but where the trainer may or may not take a further lesson for the one that it fills.
    private async Task TellAsync(CommandMessage message, CommandReceipt receipt)
    {
        var actsOnStep = message.Envelope.Command is RateCommand or RollBackCommand;
        if (step == 0)
        {
            Tell(message, receipt);
        }
        else if (!isFilling || actsOnStep || !hasGiven || wanted > 0)
        {
            await TellAsync(receipt, isFilling ? step : step + 1, message);
        }
        else
        {
            untold.Add((receipt, message));
        }
    }

    private async Task TellStepsAsync(long? step)
    {
        if (step is { } known)
        {
            foreach (var (receipt, message) in untold)
            {
                await TellAsync(receipt, known, message);
            }

            untold.Clear();
        }
    }

    private async Task TellAsync(CommandReceipt receipt, long step, CommandMessage message)
    {
        try
        {
            await store.TookEffectAsync(receipt.Revision, step);
        }
        catch (TraceStoreException)
        {
            // The command is kept; only a receipt asked for again after a restart will not name the step.
        }

        Tell(message, receipt with { FirstStep = step });
    }

    private void Tell(CommandMessage message, CommandReceipt receipt)
    {
        History.Append(new CommandEvent(message.Envelope.Id, message.Envelope.Command, receipt));
        message.Done.TrySetResult(receipt);
    }

    // No step follows.
    private void TellUntold()
    {
        untold.ForEach(waiting => Tell(waiting.Message, waiting.Receipt));
        untold.Clear();
    }

    private Steerable Known() => options.Steerable with
    {
        Stages = [.. options.Stages.Select(stage => stage.Name)],
        Stage = state.Progress.Stage,
        Collections = collecting.Collections,
        Tasks = collecting.Tasks,
        Screens = collecting.Screens,
        Messages = collecting.Messages,
    };

    // Commands that the restored checkpoint has not seen; without a checkpoint, all. Before anything runs: a pause holds from the start.
    private void RepeatJournal()
    {
        var commands = store.CommandsAfter(state.Steering.Revision);
        since.Clear();
        followed = state.Steering;
        foreach (var entry in commands)
        {
            since.Enqueue(entry);
            MoveTo(state with { Steering = Applied(entry, state.Steering) });
        }

        // A checkpoint that one of them had published would have seen it.
        unpublished =
        [
            .. commands.Where(entry => entry.Kind == PublishCommand.Name).Select(entry => new PublishRequest(entry.Revision, entry.Id)),
        ];
    }

    private void Apply(long revision, CurriculumCommand command) =>
        MoveTo(state with { Steering = command.ApplyTo(state.Steering with { Revision = revision }) });

    // A kind that is not known changes nothing: a later version of the program wrote it.
    private static Steering Applied(JournaledCommand entry, Steering steering)
    {
        steering = steering with { Revision = entry.Revision };
        return CommandJson.ReadPayload(entry.Kind, entry.Payload)?.ApplyTo(steering) ?? steering;
    }

    private static CommandReceipt ReceiptOf(JournaledCommand command) =>
        new(command.Revision, command.Lesson ?? 0, command.Draw ?? 0, command.Step);

    private static CommandRefusedException OverException() =>
        new("The curriculum is over; it takes no more commands.", RefusalKind.Over);
}
