using System.Collections.Concurrent;
using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Threading.Channels;
using Orca.Streams.Teachers.Budgets;
using Orca.Streams.Teachers.Endpoints;
using Orca.Streams.Teachers.Scheduling;

namespace Orca.Streams.Teachers.Batches;

/// <summary>
/// A teacher that is asked in batches: requests are gathered, written to a folder, sent as a file, and answered when the batch has ended,
/// which may take a day. Any number of requests at once; the more, the larger the batches.
/// </summary>
/// <remarks>
/// Whoever is killed goes on: at the next start the batches of the folder are taken to their end, every answer goes to the ledger,
/// whoever waits for it or not, and a request that is in one of them is not asked again.
/// </remarks>
public sealed partial class BatchTeacher : ITeacher, IAsyncDisposable
{
    private readonly EndpointOptions endpoint;
    private readonly BatchOptions options;
    private readonly IAttemptLedger ledger;
    private readonly TimeProvider time;
    private readonly BatchFolder folder;
    private readonly BatchApi api;
    private readonly BatchCourse course;
    private readonly CancellationTokenSource ending = new();
    private readonly ConcurrentDictionary<string, WaitingAnswer> waiting = new();
    private readonly ConcurrentDictionary<Task, byte> running = new();
    private readonly Channel<WaitingAnswer> arriving = Channel.CreateUnbounded<WaitingAnswer>();
    private readonly ISubject<TeacherEvent> events = Subject.Synchronize(new Subject<TeacherEvent>());
    private readonly Lock gate = new();
    private readonly List<WaitingAnswer> withoutRoom = [];
    private readonly Task gathering;
    private int underWay;
    private int settled;
    private volatile TeacherException? stopped;
    private volatile TaskCompletionSource on = Completed();

    /// <summary>Goes on with the batches of the folder.</summary>
    /// <param name="endpoint">The endpoint, with what a call by itself costs.</param>
    /// <param name="options">How batches are made.</param>
    /// <param name="ledger">Where every request is reserved before, and every answer stored after.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="TeacherException">A setting is out of range, or the key is missing.</exception>
    public BatchTeacher(EndpointOptions endpoint, BatchOptions options, IAttemptLedger ledger, TimeProvider? time = null)
    {
        Events = events.AsObservable();
        (this.options, this.ledger, this.time) = (options, ledger, time ?? TimeProvider.System);
        this.endpoint = endpoint with
        {
            PriceIn = endpoint.PriceIn * options.PriceShare,
            PriceOut = endpoint.PriceOut * options.PriceShare,
        };
        folder = new BatchFolder(options.Folder);
        api = new BatchApi(endpoint, this.time);
        course = new BatchCourse(
            folder, api, this.endpoint, options,
            (message, pause) => events.OnNext(new AskingPutOff(endpoint.Name, message, pause)), this.time);
        foreach (var state in folder.Unsettled())
        {
            GoOn(state);
        }

        gathering = Task.Run(GatherAsync);
    }

    /// <inheritdoc/>
    public string Name => endpoint.Model;

    /// <inheritdoc/>
    public IObservable<TeacherEvent> Events { get; }

    /// <inheritdoc/>
    /// <remarks>
    /// Switched off, no batch is begun; those that are under way come to their end. Quotas of a minute are not those of batches.
    /// </remarks>
    public void Tune(TeacherTuning tuning)
    {
        ledger.Limit(tuning.Budget);
        lock (gate)
        {
            var isOff = tuning.Endpoints.GetValueOrDefault(endpoint.Name)?.Enabled == false;
            if (!isOff)
            {
                on.TrySetResult();
            }
            else if (on.Task.IsCompleted)
            {
                on = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            GatherAgain();
        }
    }

    /// <inheritdoc/>
    public async Task<Trace> AskAsync(TeacherRequest request, CancellationToken cancellationToken)
    {
        var answer = Enter(request);
        try
        {
            var trace = await answer.Answer.WaitAsync(cancellationToken);
            waiting.TryRemove(request.Id, out _);
            return trace;
        }
        catch (OperationCanceledException)
        {
            lock (gate)
            {
                answer.IsLeft = !answer.IsInBatch;
            }

            throw;
        }
    }

    /// <summary>Leaves the batches as they are: the next start goes on with them.</summary>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await gathering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(running.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        api.Dispose();
        ending.Dispose();
    }

    private static TaskCompletionSource Completed()
    {
        var completed = new TaskCompletionSource();
        completed.SetResult();
        return completed;
    }

    private WaitingAnswer Enter(TeacherRequest request)
    {
        lock (gate)
        {
            if (waiting.TryGetValue(request.Id, out var known) && !known.IsLeft)
            {
                return known;
            }

            if (stopped is { } why)
            {
                throw why;
            }

            var fresh = new WaitingAnswer(request);
            waiting[request.Id] = fresh;
            arriving.Writer.TryWrite(fresh);
            return fresh;
        }
    }

    private void GoOn(BatchState state)
    {
        var asked = folder.Asked(state);
        foreach (var one in asked)
        {
            waiting[one.Request.Id] = new WaitingAnswer(one.Request) { IsInBatch = true, Batches = one.Number };
        }

        lock (gate)
        {
            underWay++;
        }

        Run(() => FinishAsync(state, asked));
    }

    private async Task FinishAsync(BatchState state, IReadOnlyCollection<AskedRequest> asked)
    {
        state = await course.RunAsync(state, ending.Token);
        var told = BatchFile.Read(folder.Downloaded(state, isError: false)).Concat(BatchFile.Read(folder.Downloaded(state, isError: true)))
            .GroupBy(line => line.Id).ToDictionary(lines => lines.Key, lines => lines.First().Attempt);
        var ends = await Task.WhenAll(asked.Select(one => SettleAsync(one, told.GetValueOrDefault(one.Request.Id) ?? Unanswered(state))));
        folder.Remember(state with { Step = BatchStep.Settled });
        foreach (var (one, attempt, answer) in ends)
        {
            Deliver(one, attempt, answer);
        }

        HaveRoomAgain();
    }

    private async Task<(AskedRequest Asked, Attempt Attempt, Trace? Answer)> SettleAsync(AskedRequest asked, Attempt attempt)
    {
        var cost = Price.Of(endpoint, asked.Request, attempt);
        var answer = attempt.Fault is null ? attempt.ToTrace(asked.Request, endpoint, cost, asked.Attempt) : null;
        await ledger.SettleAsync(asked.Attempt, attempt, cost, answer);
        return (asked, attempt, answer);
    }

    private void Deliver(AskedRequest asked, Attempt attempt, Trace? trace)
    {
        if (!waiting.TryGetValue(asked.Request.Id, out var answer))
        {
            return;
        }

        if (trace is not null)
        {
            answer.Complete(trace);
        }
        else if (attempt.Fault == TeacherFault.Temporary && asked.Number < options.Attempts)
        {
            lock (gate)
            {
                answer.IsInBatch = false;
                arriving.Writer.TryWrite(answer);
            }
        }
        else
        {
            var fault = attempt.Fault == TeacherFault.Temporary ? TeacherFault.Unclear : attempt.Fault!.Value;
            var message = AttemptMessages.Of(endpoint, attempt);
            Fail(answer, new TeacherException(message, attempt.Exception) { Fault = fault, IsReached = true });
        }
    }

    // What ended without a word on this request did not answer it, and asks nothing for it.
    private static Attempt Unanswered(BatchState state) => state.Fault is { } fault
        ? new Attempt(AttemptKind.RejectedRequest)
        {
            Fault = TeacherFault.Settings,
            Message = $"refused the file of a batch ({fault}); where it is too large, lower teacher.batchRequests",
        }
        : new Attempt(AttemptKind.Broken)
        {
            Fault = TeacherFault.Temporary,
            Message = $"ended a batch as {state.Status} without an answer",
        };

    private void Fail(WaitingAnswer answer, TeacherException why)
    {
        waiting.TryRemove(answer.Request.Id, out _);
        answer.Fail(why);
    }

    private void Run(Func<Task> work)
    {
        var task = Task.Run(async () =>
        {
            try
            {
                await work();
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
            }
            catch (Exception failure)
            {
                Stop(failure as TeacherException
                    ?? new TeacherException($"The batches cannot go on ({failure.Message}).", failure) { Fault = TeacherFault.Settings });
            }
        });
        running.TryAdd(task, 0);
        task.ContinueWith(ended => running.TryRemove(ended, out _), TaskScheduler.Default);
    }

    private void Stop(TeacherException why)
    {
        lock (gate)
        {
            stopped ??= why;
        }

        foreach (var answer in waiting.Values)
        {
            Fail(answer, why);
        }
    }
}
