using System.Reactive.Linq;
using Orca.Streams.Bus;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Tests.Support;

/// <summary>Store, curriculum and pipeline of one run in a folder, wired as a command would.</summary>
internal sealed class TestRun : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private Task curriculumLoop = Task.CompletedTask;
    private Task pipelineLoop = Task.CompletedTask;
    private bool isOver;

    public TestRun(
        string folder,
        CurriculumOptions curriculum,
        IEnumerable<ITaskSource> sources,
        ITeacher teacher,
        CollectionOptions? collection = null,
        ScreenSet? screens = null,
        byte[]? snapshot = null,
        int maxBatch = 512)
    {
        Store = TraceStore.Open(
            Path.Combine(folder, "traces.db"), new TraceStoreOptions { Durability = Durability.ProcessDeath, MaxBatch = maxBatch });
        var maker = new LessonMaker(new WordEncoder(), curriculum.MaxLessonTokens, curriculum.TeachReasoning);
        var allScreens = (screens ?? ScreenSet.All).With(new LessonScreen(maker));
        ScreenedAgain = Store.ScreenAgainAsync(allScreens).GetAwaiter().GetResult();
        Curriculum = new Curriculum(curriculum, Store, new WordEncoder());
        if (snapshot is not null)
        {
            Curriculum.Restore(snapshot);
        }

        var teachers = curriculum.Stages.Select(stage => stage.Teacher).Distinct().ToDictionary(name => name, _ => teacher);
        Sampler = new TaskSampler(sources, new SamplerOptions { Seed = 5 });
        Pipeline = new CollectionPipeline(
            Sampler, new SystemMessages(SystemMessages.BuiltIn), teachers,
            allScreens, Store, curriculum.Stages, Curriculum.Bus, collection);
    }

    public TraceStore Store { get; }

    public ScreenedAgain ScreenedAgain { get; }

    public Curriculum Curriculum { get; }

    public TaskSampler Sampler { get; }

    public CollectionPipeline Pipeline { get; }

    /// <summary>What has been collected so far.</summary>
    public PipelineStatistics Statistics => Pipeline.Statistics.FirstAsync().Wait();

    public Task PipelineLoop => pipelineLoop;

    public Task CurriculumLoop => curriculumLoop;

    public static CurriculumOptions Stages(long? assistant = null, long? expert = null, int? maxReuses = 0, int capacity = 8) => new()
    {
        Stages = assistant is null
            ? [new CurriculumStage { Name = "expert", Teacher = "expert", Lessons = expert }]
            : [
                new CurriculumStage { Name = "assistant", Teacher = "assistant", Lessons = assistant },
                new CurriculumStage { Name = "expert", Teacher = "expert", Lessons = expert },
            ],
        MaxReuses = maxReuses,
        LessonCapacity = capacity,
    };

    public TestRun Start()
    {
        curriculumLoop = Task.Run(() => Curriculum.RunAsync(stop.Token));
        pipelineLoop = Task.Run(() => Pipeline.RunAsync(stop.Token));
        return this;
    }

    /// <summary>Up to <paramref name="count"/> further lessons; fewer where the curriculum ends.</summary>
    public async Task<List<Lesson>> ReadAsync(int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var lessons = new List<Lesson>();
        while (lessons.Count < count && await Curriculum.Lessons.WaitToReadAsync(patience.Token))
        {
            while (lessons.Count < count && Curriculum.Lessons.TryRead(out var lesson))
            {
                lessons.Add(lesson);
            }
        }

        return lessons;
    }

    /// <summary>Leaves the store as a process that is killed now does: what is not committed is gone.</summary>
    public async Task KillAsync()
    {
        isOver = true;
        var left = StoreCopy.Take(Store.Path);
        await stop.CancelAsync();
        await curriculumLoop.ContinueWith(_ => { }, TaskScheduler.Default);
        await pipelineLoop.ContinueWith(_ => { }, TaskScheduler.Default);
        await Store.DisposeAsync();
        await Sampler.DisposeAsync();
        stop.Dispose();
        left.PutBack();
    }

    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(curriculumLoop, pipelineLoop);
    }

    public async ValueTask DisposeAsync()
    {
        if (!isOver)
        {
            isOver = true;
            await StopAsync();
            await Store.DisposeAsync();
            await Sampler.DisposeAsync();
            stop.Dispose();
        }
    }
}
