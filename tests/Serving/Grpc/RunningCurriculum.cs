using System.Collections.Immutable;
using Orca.Serving.Tests.Students;
using Orca.Streams.Bus;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Curricula.Watching;
using Orca.Streams.Storage;

namespace Orca.Serving.Tests.Grpc;

/// <summary>A curriculum that runs beside a store in a folder of its own, and is asked for no lesson.</summary>
internal sealed class RunningCurriculum : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CancellationTokenSource end = new();
    private readonly TraceStore store;
    private readonly Task running;

    public RunningCurriculum(RunHistory? history = null)
    {
        store = TraceStore.Open(Path.Combine(folder.Path, "traces.db"));
        Curriculum = new Curriculum(
            new CurriculumOptions
            {
                Stages =
                [
                    new CurriculumStage { Name = "assistant", Teacher = "solver", Lessons = 1_000 },
                    new CurriculumStage { Name = "expert", Teacher = "solver" },
                ],
                History = history,
            },
            store, new NoEncoder());
        running = Curriculum.RunAsync(end.Token);
    }

    public Curriculum Curriculum { get; }

    /// <summary>Ends it as a run ends.</summary>
    public async Task EndAsync()
    {
        await end.CancelAsync();
        await running;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await store.DisposeAsync();
        end.Dispose();
        folder.Dispose();
    }

    private sealed class NoEncoder : ILessonEncoder
    {
        public string Identity => "none";

        public (ImmutableArray<int> Prompt, ImmutableArray<int> Answer) Encode(string systemMessage, string prompt, string answer) =>
            throw new InvalidOperationException("No lesson is made here.");
    }
}
