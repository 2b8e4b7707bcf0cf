using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orca.Serving.Admission;
using Orca.Serving.Batching;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Execution;
using Orca.Serving.Requests;
using Orca.Serving.Sampling.Json;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Batching;

/// <summary>
/// The engine's parts, stepped by a test on its own thread with a clock of its own, over students whose answers betray every
/// wrong key and value. The auditor counts every block after everything that happens.
/// </summary>
internal sealed class EngineDrill
{
    // Events are there for one reader, once.
    private static readonly ConditionalWeakTable<Sequence, object> Told = [];

    private readonly VersionRegistry registry;
    private readonly AdmissionQueue queue;
    private readonly ModelRunner runner = new();
    private readonly EngineOptions options;
    private readonly int blockTokens;
    private readonly List<Sequence> sequences = [];

    /// <param name="options">How it runs; the cache takes 8 bytes a token.</param>
    /// <param name="blockTokens">Tokens of a block.</param>
    public EngineDrill(EngineOptions options, int blockTokens = 4)
    {
        (this.options, this.blockTokens) = (options, blockTokens);
        registry = new VersionRegistry(Clock);
        queue = new AdmissionQueue(options.MaxQueuedRequests, options.RetryAfter, options.Admission, Clock, () => null);
        Scheduler = new Scheduler(queue, options, Clock, new MaskWorker(() => { })) { Leave = _ => { } };
        Versions = new ServedVersions(Scheduler, options, registry, Clock, NullLogger.Instance);
    }

    public FakeTimeProvider Clock { get; } = new();

    public Scheduler Scheduler { get; }

    public ServedVersions Versions { get; }

    public IReadOnlyList<Sequence> Sequences => sequences;

    /// <summary>What a step of so many rows and tokens takes.</summary>
    public Func<int, int, TimeSpan> Takes { get; set; } = (_, _) => TimeSpan.FromMilliseconds(1);

    /// <summary>The steps computed: decoding rows and prefilled tokens.</summary>
    public List<(int DecodeRows, int PrefillTokens, TimeSpan Time)> Steps { get; } = [];

    /// <summary>The pool of the only store.</summary>
    public BlockPool Pool => Scheduler.Lanes.All[0].Version.Store.Pool;

    /// <summary>Loads a version, whose weights are its number.</summary>
    public long Load(bool activate = true)
    {
        var number = registry.Begin("by hand");
        Versions.Install(Make(number));
        if (activate)
        {
            Versions.Activate(number, null);
        }

        Audit();
        return number;
    }

    public StudentVersion Make(long number)
    {
        var model = new TracingModel((ulong)number, blockTokens) { Running = (rows, tokens) => Clock.Advance(Takes(rows, tokens)) };
        return new StudentVersion(number, ToyStudent.LanguageOf(Students.Bytes.VocabularySize), model, files: null);
    }

    /// <summary>The number of the next version.</summary>
    public long NextNumber() => registry.Begin("by hand");

    /// <summary>A request, in the queue.</summary>
    public Sequence Ask(
        IEnumerable<int> prompt, int maxTokens, OnUpdate policy = OnUpdate.Pin, int samples = 1, Priority priority = Priority.Normal, string salt = "",
        string caller = "")
    {
        var request = new GenerationRequest
        {
            Prompt = new PromptInput.Tokens([.. prompt]),
            Sampling = new SamplingOptions { Temperature = 0, SampleCount = samples },
            Stopping = new StoppingOptions { MaxTokens = maxTokens, IgnoreEos = true },
            Weights = new WeightPolicy { OnUpdate = policy },
            Scheduling = new SchedulingOptions { Priority = priority, Caller = caller },
            CacheSalt = salt,
        };
        var language = Versions.Published.Main!.Language;
        var sequence = new Sequence(request, $"r{sequences.Count}", 1, language, request.Prompt.EncodeAll(language), Clock.GetTimestamp());
        queue.Enqueue(sequence, maxTokens);
        sequences.Add(sequence);
        return sequence;
    }

    /// <summary>Somebody leaves: out of the queue at once, out of the engine before its next step.</summary>
    public void Cancel(Sequence sequence)
    {
        sequence.CancelByName();
        if (queue.Remove(sequence))
        {
            sequence.EndByLeaving(Clock);
        }
    }

    /// <summary>What the engine's thread does between steps and in one; false where there was nothing to compute.</summary>
    public bool Step()
    {
        Scheduler.DropLeavers();
        Versions.Tidy();
        if (Versions.IsReplacing)
        {
            Scheduler.Placement.Resume(Scheduler.Turn);
        }
        else
        {
            Scheduler.Admit();
        }

        Audit();
        if (Scheduler.Schedule() is not { } batch)
        {
            return false;
        }

        Assert.True(Scheduler.Lanes.Running <= options.MaxConcurrentRequests);
        var start = Clock.GetTimestamp();
        runner.Run(batch);
        var time = Clock.GetElapsedTime(start);
        Steps.Add((batch.DecodeRows, batch.PrefillTokens, time));
        batch.Version.Store.Times.Record(batch.DecodeRows > 0, batch.PrefillTokens, time.TotalSeconds);
        Scheduler.Commit(batch, runner);
        Audit();
        return true;
    }

    /// <summary>Steps until nothing is left; fails where that takes longer than it can.</summary>
    public void Finish(int mostSteps = 20_000)
    {
        for (var step = 0; step < mostSteps; step++)
        {
            if (!Step() && queue.Count == 0 && Scheduler.Lanes.Waiting == 0 && !Versions.IsReplacing)
            {
                return;
            }
        }

        Assert.Fail($"{Scheduler.Lanes.Running} run and {queue.Count + Scheduler.Lanes.Waiting} wait after {mostSteps} steps");
    }

    /// <summary>Counts every block.</summary>
    public void Audit() => Scheduler.Lanes.Audit();

    /// <summary>All that a request's caller was told.</summary>
    public static async Task<ImmutableArray<GenerationEvent>> EventsOf(Sequence sequence)
    {
        if (Told.TryGetValue(sequence, out var known))
        {
            return (ImmutableArray<GenerationEvent>)known;
        }

        var events = ImmutableArray.CreateBuilder<GenerationEvent>();
        await foreach (var happened in sequence.Outlet.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            events.Add(happened);
        }

        Told.Add(sequence, events.ToImmutable());
        return events.ToImmutable();
    }

    /// <summary>The tokens of one sample, and its end.</summary>
    public static async Task<(int[] Tokens, GenerationEvent.Finished End)> AnswerOf(Sequence sequence, int sample = 0)
    {
        var events = await EventsOf(sequence);
        return ([.. events.OfType<GenerationEvent.Delta>().Where(delta => delta.Sample == sample).SelectMany(delta => delta.Tokens)],
            events.OfType<GenerationEvent.Finished>().Single(end => end.Sample == sample));
    }

    /// <summary>The tokens of every sample.</summary>
    public static async Task<ImmutableArray<int[]>> AnswerOfAll(Sequence sequence)
    {
        var deltas = (await EventsOf(sequence)).OfType<GenerationEvent.Delta>().ToList();
        return
        [
            .. Enumerable.Range(0, sequence.Samples.Length)
                .Select(sample => deltas.Where(delta => delta.Sample == sample).SelectMany(delta => delta.Tokens).ToArray()),
        ];
    }
}
