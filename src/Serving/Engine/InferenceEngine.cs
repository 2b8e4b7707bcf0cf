using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Orca.Model.Inference.Cpu.Machine;
using Orca.Serving.Admission;
using Orca.Serving.Batching;
using Orca.Serving.Checkpoints;
using Orca.Serving.Observability;
using Orca.Serving.Requests;
using Orca.Serving.Sampling.Json;

namespace Orca.Serving.Engine;

/// <summary>
/// Answers requests, many at a time, on a thread of its own that alone touches weights, caches and steps. Safe to call
/// from several threads.
/// </summary>
/// <remarks>
/// A caller that reads slowly, or not at all, slows no one: the engine leaves what it makes with <see cref="StreamAsync"/>
/// and goes on. What lies there is bounded by the answer's token limit: at most 16 events of their own, then the rest of
/// its text and tokens as one.
/// </remarks>
public sealed partial class InferenceEngine : IAsyncDisposable
{
    // Answers that are done and not read yet are a few for each that waits or runs, unless their readers have stalled.
    private const int AnswersForEachPlace = 4;

    private readonly EngineOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly AdmissionQueue queue;
    private readonly QueueExpiry expiry;
    private readonly EngineThread thread;
    private readonly RequestTelemetry telemetry;
    private readonly OpenAnswers openAnswers;
    private readonly ConcurrentDictionary<(string Caller, string Id), Sequence> inFlight = new();

    /// <summary>Starts the thread. Requests are refused until a version is loaded.</summary>
    /// <param name="options">How it runs.</param>
    /// <param name="versions">Where it notes which version answers.</param>
    /// <param name="clock">Measures waiting times.</param>
    /// <param name="logger">Takes its log.</param>
    public InferenceEngine(EngineOptions options, VersionRegistry versions, TimeProvider clock, ILogger<InferenceEngine> logger)
    {
        (this.options, this.clock, this.logger) = (options, clock, logger);
        queue = new AdmissionQueue(options.MaxQueuedRequests, options.RetryAfter, options.Admission, clock, WorkRates);
        openAnswers = new OpenAnswers(
            AnswersForEachPlace * (options.MaxQueuedRequests + options.MaxConcurrentRequests), options.RetryAfter);
        expiry = new QueueExpiry(queue, clock, Expire);
        thread = new EngineThread(options, queue, versions, clock, logger) { Left = Forget, StepFailed = version => failedSteps.Writer.TryWrite(version) };
        Rates = new LoadRates(() => Load, () => thread.Versions.Published.Main?.StepBytes ?? 0, Bandwidth, clock) { EstimateWait = () => queue.EstimateWait() };
        Metrics = new ServingMetrics(Rates, versions, () => queue.QueuedTokens);
        telemetry = new RequestTelemetry(Metrics, clock);
        thread.Start();
    }

    /// <summary>Ends when the engine has stopped; faulted where its state was broken.</summary>
    public Task Completion => thread.Completion;

    /// <summary>What it has to do, and has done.</summary>
    public EngineLoad Load
    {
        get
        {
            var load = thread.Counters.Load;
            return load with
            {
                Waiting = load.Waiting + queue.Count,
                QueuedPromptTokens = queue.QueuedPromptTokens,
            };
        }
    }

    /// <summary>How fast it has been over the last seconds.</summary>
    public LoadRates Rates { get; }

    /// <summary>Turns texts into tokens.</summary>
    internal PromptEncoder Encoder { get; } = new();

    /// <summary>Its instruments.</summary>
    public ServingMetrics Metrics { get; }

    /// <summary>
    /// Streams an answer: one <see cref="GenerationEvent.Accepted"/>, then deltas, then one <see cref="GenerationEvent.Finished"/>.
    /// </summary>
    /// <exception cref="GenerationException">The request was refused, or failed on the way.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; the request's blocks are free within one step.</exception>
    public IAsyncEnumerable<GenerationEvent> StreamAsync(GenerationRequest request, CancellationToken cancellationToken = default) =>
        telemetry.WatchAsync(request, token => AnswerAsync(request, token), cancellationToken);

    /// <summary>Answers when the whole text is there.</summary>
    /// <exception cref="GenerationException">The request was refused, or failed on the way.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; the request's blocks are free within one step.</exception>
    public async Task<Generation> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken = default)
    {
        var text = new StringBuilder();
        var tokens = ImmutableArray.CreateBuilder<int>();
        var logprobs = ImmutableArray.CreateBuilder<TokenLogprob>();
        GenerationEvent.Accepted? accepted = null;
        GenerationEvent.Finished? finished = null;
        await foreach (var generationEvent in StreamAsync(request, cancellationToken))
        {
            if (generationEvent is GenerationEvent.Delta { Sample: 0 } delta)
            {
                text.Append(delta.Text);
                tokens.AddRange(delta.Tokens);
                logprobs.AddRange(delta.Logprobs);
            }

            accepted ??= generationEvent as GenerationEvent.Accepted;
            finished = generationEvent is GenerationEvent.Finished { Sample: 0 } first ? first : finished;
        }

        return new Generation
        {
            RequestId = accepted?.RequestId ?? request.RequestId,
            Text = text.ToString(),
            Tokens = tokens.ToImmutable(),
            Logprobs = logprobs.ToImmutable(),
            Version = accepted?.Version ?? 0,
            End = finished ?? throw new EngineInvariantException("an answer ended without saying so"),
        };
    }

    /// <summary>Throws what a request would be refused for at the door.</summary>
    /// <returns>The request, with its prompt's tokens.</returns>
    /// <exception cref="GenerationException">It would be refused.</exception>
    internal async ValueTask<GenerationRequest> CheckAsync(GenerationRequest request, CancellationToken cancellationToken) =>
        request with { Encoded = (await ExamineAsync(request, cancellationToken)).Prompt };

    /// <summary>Ends a request that waits or runs; its caller gets what was made so far. False where there is none of that name.</summary>
    /// <param name="requestId">Its name.</param>
    /// <param name="caller">Whose it is, as <see cref="SchedulingOptions.Caller"/> has it.</param>
    public bool Cancel(string requestId, string caller = "")
    {
        if (!inFlight.TryGetValue((caller, requestId), out var sequence))
        {
            return false;
        }

        sequence.CancelByName();
        Drop(sequence);
        return true;
    }

    /// <summary>Refuses new requests, lets those in flight finish, and fails what is left after the grace period.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        thread.Stop(grace);
        await thread.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        expiry.Dispose();
    }

    /// <summary>Stops at once: what is in flight fails.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero);
        Rates.Dispose();
        Metrics.Dispose();
    }

    private async IAsyncEnumerable<GenerationEvent> AnswerAsync(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var open = openAnswers.Enter(request.Scheduling.Caller);
        var sequence = await EnqueueAsync(request, cancellationToken);
        using var leave = cancellationToken.Register(() => Abandon(sequence));
        try
        {
            await foreach (var generationEvent in sequence.Outlet.ReadAllAsync(cancellationToken))
            {
                yield return generationEvent;
            }
        }
        finally
        {
            Abandon(sequence);
        }
    }

    /// <summary>Looks at all that can be known of a request before its prompt is encoded, and then at its tokens.</summary>
    private async ValueTask<(ActiveStudent Student, EncodedPrompt Prompt)> ExamineAsync(
        GenerationRequest request, CancellationToken cancellationToken)
    {
        RequestRules.Check(request);
        RefuseWhereClosed();
        var student = thread.Versions.Published.For(request.Weights);
        PromptRules.CheckIds(request, student.Language);
        PromptRules.CheckLength(request.Prompt.Characters, student.Language, student.ContextTokens);
        queue.Check(request.Scheduling);
        var prompt = request.Encoded is { } known && known.Language == student.Language.Identity
            ? known
            : await Encoder.EncodeAsync(
                request.Prompt.Characters, request.Scheduling.Caller, () => request.Prompt.EncodeAll(student.Language), cancellationToken);
        PromptRules.Check(prompt.Tokens, student.Language, student.ContextTokens, request.OnlyScores);
        return (student, prompt);
    }

    private async ValueTask<Sequence> EnqueueAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        var (student, prompt) = await ExamineAsync(request, cancellationToken);

        // Here rather than on the engine's thread: the first of a language takes some time.
        JsonForms.Check(request.Format, student.Language);
        var id = request.RequestId.Length > 0 ? request.RequestId : Guid.NewGuid().ToString("N");
        var seed = request.Sampling.Seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        var sequence = new Sequence(request, id, seed, student.Language, prompt, clock.GetTimestamp());
        var room = student.ContextTokens - prompt.Tokens.Length;
        Admit(sequence, request.OnlyScores ? 0 : (long)Math.Min(request.Stopping.MaxTokens ?? room, room) * request.Sampling.SampleCount);
        return sequence;
    }

    private void Admit(Sequence sequence, long answerTokens)
    {
        Enter(sequence);
        try
        {
            foreach (var displaced in queue.Enqueue(sequence, answerTokens))
            {
                displaced.Fail(AdmissionDoor.Displaced(options.RetryAfter));
                Forget(displaced);
            }

            expiry.Arm();
        }
        catch (GenerationException)
        {
            Forget(sequence);
            throw;
        }

        EngineLog.RequestQueued(logger, sequence.Id, queue.Count);
        thread.Wake();
        if (thread.IsStopped && queue.Remove(sequence))
        {
            Forget(sequence);
            throw Stopping();
        }
    }

    private void Abandon(Sequence sequence)
    {
        if (sequence.HasEnded)
        {
            // The engine does so too, but perhaps after the caller has used the name again.
            Forget(sequence);
            return;
        }

        sequence.AbandonByCaller();
        Drop(sequence);
    }

    private void Expire(Sequence sequence)
    {
        sequence.Fail(new GenerationException(
            Failure.WaitedTooLong, "The request had not begun when its time to wait was over; try again later, or wait longer."));
        Forget(sequence);
    }

    /// <summary>One that waits leaves at once, one that runs before the next step.</summary>
    private void Drop(Sequence sequence)
    {
        if (queue.Remove(sequence))
        {
            sequence.EndByLeaving(clock);
            Forget(sequence);
        }
        else
        {
            thread.Wake();
        }
    }

    private void Forget(Sequence sequence)
    {
        if (inFlight.TryRemove(KeyValuePair.Create(sequence.Name, sequence)))
        {
            queue.Release(sequence, sequence.Completion, sequence.EndedWell);
            EngineLog.RequestEnded(logger, sequence.Id);
            CompleteDrain();
        }
    }

    private WorkRates? WorkRates()
    {
        var load = thread.Counters.Load;
        return Rates.Work(hasFreePlace: load.Waiting == 0 && load.Running < thread.Versions.Published.Main?.Slots);
    }

    // Weights on another device are not read from this machine's memory.
    private double? Bandwidth() => options.Inference.Device == "cpu" ? MemoryBandwidth.Known : null;

    private static GenerationException Stopping() => new(Failure.Stopping, "The server stops.");
}
