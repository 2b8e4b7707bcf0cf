using System.Collections.Immutable;
using System.Reactive.Linq;
using Orca.Streams.Bus;
using Orca.Streams.Collecting;
using Orca.Streams.Screening;
using Orca.Streams.Sieves;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Cli.Bench.Streams;

/// <summary>
/// Times the way from task to stored, judged trace, as a run takes it: the same composition, screens and store, with synthetic tasks, a
/// synthetic teacher, and nobody behind the bus.
/// </summary>
internal static class StreamBench
{
    private const string Stage = "expert";

    /// <summary>Runs a plan in a new store.</summary>
    /// <param name="plan">What is measured.</param>
    /// <param name="store">The store's file, which must not exist.</param>
    /// <param name="durability">What an acknowledged write survives.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it; what was measured is lost.</param>
    /// <param name="sieves">What leaves questions out besides.</param>
    public static async Task<StreamBenchRow> RunAsync(
        StreamBenchPlan plan, string store, Durability durability, TimeProvider time, CancellationToken cancellationToken,
        params ImmutableArray<IQuestionSieve> sieves)
    {
        await using var traces = TraceStore.Open(store, new TraceStoreOptions { Durability = durability }, time);
        await using var sampler = new TaskSampler(
            [new SyntheticTasks(plan.Traces, plan.BytesPerTrace)], new SamplerOptions { Seed = 1 });
        using var teacher = new SyntheticTeacher(plan.BytesPerTrace, plan.Latency, plan.InFlight, time);
        var bus = new TraceBus(new TraceDemand { Stage = Stage, Mixture = Mixture.Even });

        // Every question and answer is remembered, as in a run.
        var (questions, answers) = (new RepeatedQuestions(), new NearDuplicates());
        var screens = ScreenSet.All.With(new NearDuplicateScreen(answers));

        // Twice as many queries as calls: while some are with the teacher others are being written.
        var options = new CollectionOptions { Credits = 2 * plan.InFlight, Sieves = [.. sieves, new RepetitionSieve(questions)] };
        var pipeline = new CollectionPipeline(
            sampler, new SystemMessages(SystemMessages.BuiltIn), new Dictionary<string, ITeacher> { [Stage] = teacher },
            screens, traces,
            [new CurriculumStage { Name = Stage, Teacher = Stage }], bus, options);
        GC.Collect();
        using var memory = new PeakMemory();
        var began = time.GetTimestamp();
        await pipeline.RunAsync(cancellationToken);
        var seconds = time.GetElapsedTime(began).TotalSeconds;
        cancellationToken.ThrowIfCancellationRequested();
        var judged = traces.Counts.Accepted + traces.Counts.Rejected;
        return new StreamBenchRow
        {
            Name = plan.Name,
            Traces = judged,
            BytesPerTrace = plan.BytesPerTrace,
            Screens = screens.Screens.Length,
            TracesPerSecond = judged / seconds,
            PeakMemoryBytes = memory.Bytes,
            InFlightAtEnd = (await pipeline.Statistics.FirstAsync()).InFlight + teacher.InFlight,
            WaitingAtEnd = traces.Waiting,
        };
    }
}
