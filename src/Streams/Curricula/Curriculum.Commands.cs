using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Orca.Streams.Bus;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;

namespace Orca.Streams.Curricula;

/// <content>What the loop is told: commands, traces, the end of tasks; and the status it shows.</content>
public sealed partial class Curriculum
{
    private const int MaxCommandId = 128;
    private const string PauseKind = "pause";
    private const string ResumeKind = "resume";
    private const string MixtureKind = "mixture";
    private const string PublishKind = "publish";

    /// <inheritdoc/>
    public CurriculumStatus Status
    {
        get
        {
            var (control, progress) = (state.Control, state.Progress);
            var stage = options.Stages.IndexOf(progress.Stage);
            var counts = store.Counts;
            return new CurriculumStatus
            {
                Revision = control.Revision,
                Stage = progress.Stage,
                StageLessons = progress.StageLessons,
                StageLength = options.Stages[stage].Lessons,
                Paused = control.Paused,
                Mixture = collections.Union(control.Mixture.Weights.Keys)
                    .ToImmutableSortedDictionary(name => name, control.Mixture.WeightOf, StringComparer.Ordinal),
                TracesAccepted = counts.Accepted,
                RejectedByScreen = counts.RejectedByScreen,
                TracesWaiting = Math.Max(0, Volatile.Read(ref accepted[stage]) - progress.Taken),
                LessonsQueued = lessons.Reader.Count,
                LessonsCapacity = options.LessonCapacity,
                LessonsDelivered = progress.Lessons,
                LessonsReplayed = progress.Replayed,
                LessonsDropped = progress.Dropped,
                Epoch = progress.Replay.Epoch,
                TasksUsedUp = supply[stage] == TraceSupply.UsedUp,
                PublishRequests = control.PublishRequests,
                ScreenLimits = control.ScreenLimits,
                Gate = control.Gate,
                Finished = finished,
            };
        }
    }

    /// <inheritdoc/>
    public Task<long> PauseAsync(string commandId, CancellationToken cancellationToken) =>
        SendAsync(commandId, PauseKind, "", cancellationToken);

    /// <inheritdoc/>
    public Task<long> ResumeAsync(string commandId, CancellationToken cancellationToken) =>
        SendAsync(commandId, ResumeKind, "", cancellationToken);

    /// <inheritdoc/>
    public Task<long> SetMixtureAsync(string commandId, IReadOnlyDictionary<string, double> weights, CancellationToken cancellationToken)
    {
        if (!collections.IsEmpty && weights.Keys.FirstOrDefault(name => !collections.Contains(name)) is { } unknown)
        {
            throw new ArgumentException($"The mixture names '{unknown}'; the collections here are {string.Join(", ", collections)}.");
        }

        // Faults that no other command can mend are told here, what depends on the others on the loop.
        _ = Mixture.Of(weights);
        return SendAsync(commandId, MixtureKind, JsonSerializer.Serialize(weights), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<long> SetScreensAsync(string commandId, IReadOnlyDictionary<string, double> limits, CancellationToken cancellationToken)
    {
        if (limits.FirstOrDefault(pair => !ScreenPlan.IsLimit(pair.Value)) is { Key: { } wrong })
        {
            throw new ArgumentException($"The limit of the screen '{wrong}' is {limits[wrong]}; give a number of 0 or more, or 'off'.");
        }

        if (!screens.IsEmpty && limits.Keys.FirstOrDefault(name => !screens.Contains(name)) is { } unknown)
        {
            throw new ArgumentException($"There is no screen '{unknown}' here; there are {string.Join(", ", screens)}.");
        }

        return limits.Count == 0
            ? throw new ArgumentException("No screen is named; name one with its limit, such as refusal=0.8.")
            : SendAsync(commandId, ScreenTuning.Kind, ScreenTuning.Write(limits), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<long> SetGateAsync(string commandId, GateTuning gate, CancellationToken cancellationToken) => gate.Fault is { } fault
        ? throw new ArgumentException(fault)
        : SendAsync(commandId, GateTuning.Kind, gate.Write(), cancellationToken);

    /// <inheritdoc/>
    public Task<long> PublishNowAsync(string commandId, CancellationToken cancellationToken) =>
        SendAsync(commandId, PublishKind, "", cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<CurriculumStatus> WatchAsync(
        TimeSpan interval, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        while (true)
        {
            var status = Status;
            yield return status;
            if (status.Finished || !await timer.WaitForNextTickAsync(cancellationToken))
            {
                yield break;
            }
        }
    }

    private async Task<long> SendAsync(string id, string kind, string payload, CancellationToken cancellationToken)
    {
        if (id.Length is 0 or > MaxCommandId)
        {
            throw new ArgumentException($"The command's id has {id.Length} characters; give 1 to {MaxCommandId}.");
        }

        // Completed on the loop: whoever waits goes on elsewhere.
        var done = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        return inbox.Writer.TryWrite(new CommandMessage(id, kind, payload, done))
            ? await done.Task.WaitAsync(cancellationToken)
            : throw OverException();
    }

    private async Task HandleAsync(CurriculumMessage message)
    {
        switch (message)
        {
            case NewsMessage { News: TraceAccepted trace }:
                Accept(trace);
                break;
            case NewsMessage { News: SupplyChanged change } when options.Stages.IndexOf(change.Stage) is >= 0 and var stage:
                supply[stage] = change.Supply;
                break;
            case CommandMessage command:
                await HandleCommandAsync(command);
                break;
        }
    }

    private void Accept(TraceAccepted trace)
    {
        var stage = options.Stages.IndexOf(trace.Stage);
        if (stage >= 0)
        {
            Volatile.Write(ref accepted[stage], Math.Max(accepted[stage], trace.Place + 1));
            supply[stage] = supply[stage] == TraceSupply.Resting ? TraceSupply.Open : supply[stage];
        }

        if (stage < 0 || offered is null)
        {
            Bus.Acknowledge(trace.Stage, trace.Place);
            return;
        }

        offered.Add(trace);
        if (IsOver(trace.Stage, trace.Place))
        {
            offered.Release(IsOver);
        }
    }

    // What comes after its place, or its stage, was passed is taught no more.
    private bool IsOver(string name, long place)
    {
        var (stage, current) = (options.Stages.IndexOf(name), options.Stages.IndexOf(state.Progress.Stage));
        return stage < current || (stage == current && place < state.Progress.Taken);
    }

    private async Task HandleCommandAsync(CommandMessage message)
    {
        try
        {
            // One that was done before is answered as it was then.
            if (FaultOf(message) is { } fault && store.CommandsAfter(0).All(known => known.Id != message.Id))
            {
                message.Done.TrySetException(new ArgumentException(fault));
                return;
            }

            var (command, isNew) = await store.JournalAsync(message.Id, message.Kind, message.Payload, state.Control.Revision);
            if (command.Kind != message.Kind)
            {
                message.Done.TrySetException(new ArgumentException($"The command id '{message.Id}' belongs to an earlier "
                    + $"'{command.Kind}'; give each command its own id."));
                return;
            }

            if (isNew)
            {
                Apply(command);
            }

            message.Done.TrySetResult(command.Revision);
        }
        catch (TraceStoreException failure)
        {
            // A command that could not be kept is refused, and nothing has changed.
            message.Done.TrySetException(failure);
        }
    }

    // Each of two commands may be right by itself, and the second wrong after the first.
    private string? FaultOf(CommandMessage message)
    {
        if (message.Kind != MixtureKind || collections.IsEmpty)
        {
            return null;
        }

        var mixture = state.Control.Mixture.Merged(Weights(message.Payload));
        return collections.Any(name => mixture.WeightOf(name) > 0)
            ? null
            : "The mixture would give every collection the weight 0; give at least one of "
                + $"{string.Join(", ", collections)} a positive one.";
    }

    private static Dictionary<string, double> Weights(string payload) => JsonSerializer.Deserialize<Dictionary<string, double>>(payload)!;

    // Commands that the restored checkpoint has not seen; without a checkpoint, all. Before anything runs: a pause holds from the start.
    private void RepeatJournal()
    {
        var commands = store.CommandsAfter(state.Control.Revision);
        foreach (var command in commands)
        {
            Apply(command);
        }

        // A checkpoint that one of them had published would have seen it.
        unpublished = [.. commands.Where(command => command.Kind == PublishKind).Select(RequestOf)];
    }

    private static PublishRequest RequestOf(JournaledCommand command) => new(command.Revision, command.Id);

    private void Apply(JournaledCommand command)
    {
        var control = state.Control with { Revision = command.Revision };
        control = command.Kind switch
        {
            PauseKind => control with { Paused = true },
            ResumeKind => control with { Paused = false },
            MixtureKind => control with
            {
                Mixture = control.Mixture.Merged(Weights(command.Payload)),
            },
            ScreenTuning.Kind => control with
            {
                ScreenLimits = control.ScreenLimits.SetItems(ScreenTuning.Read(command.Payload)),
            },
            GateTuning.Kind => control with { Gate = control.Gate.With(GateTuning.Read(command.Payload)) },
            PublishKind => control with { PublishRequests = control.PublishRequests + 1 },
            _ => control,
        };
        MoveTo(state with { Control = control });
        if (command.Kind == PublishKind)
        {
            publishRequests.OnNext(RequestOf(command));
        }
    }

    private static InvalidOperationException OverException() => new("The curriculum is over; it takes no more commands.");
}
