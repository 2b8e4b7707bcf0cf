using System.Collections.Immutable;
using Orca.Model.Checkpoints;
using Orca.Streams.Bus;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Screening;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Training.Checkpoints;
using Orca.Training.Optimization;

namespace Orca.Training.Tests.Running;

/// <summary>The trainer and the curriculum together: commands act on the step that their receipts name.</summary>
public sealed class CurriculumLinkTests
{
    private const int Traces = 240;

    private static readonly TrainerOptions Options = Toy.Options with
    {
        PublishEverySteps = 2,
        KeepCheckpoints = 50,
        PackingLookahead = 1,
        Schedule = new() { Peak = 1e-3, WarmUpSteps = 0, Shape = DecayShape.Constant },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rate_acts_on_the_very_step_that_its_receipt_names()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreAsync(folder.At("traces.db"));

        var (steps, _, receipt) = await Run(folder.At("run"), store, 3, () => new RateCommand(new RateTuning(0.5)));

        Assert.Equal(4, receipt!.FirstStep);
        Assert.Equal([1, 1, 1, 0.5, 0.5], steps.Take(5).Select(step => step.RateScale));
        Assert.Equal(Traces, steps.Sum(step => step.Lessons));
    }

    [Fact]
    public async Task Taken_back_it_is_taught_what_came_after_the_checkpoint_and_all_else_once()
    {
        using var folder = new TemporaryFolder();
        await using var store = await StoreAsync(folder.At("traces.db"));

        var (steps, rollbacks, receipt) = await Run(folder.At("run"), store, 7, () => new RollBackCommand("step-00000004"));

        Assert.Equal(8, receipt!.FirstStep);
        Assert.Equal([new Rollback(8, "step-00000004", null)], rollbacks);
        Assert.Equal([5L, 6, 7, 9, 10], steps.Skip(4).Take(5).Select(step => step.Step));
        Assert.Equal(Traces + steps.Skip(4).Take(3).Sum(step => step.Lessons), steps.Sum(step => step.Lessons));
        Assert.Equal(Traces, LatestCheckpoint.Read(folder.At("run"))!.State.Lessons);
    }

    [Fact]
    public async Task A_kill_after_it_goes_on_from_there_and_is_not_taken_back_again()
    {
        using var folder = new TemporaryFolder();
        await using (var store = await StoreAsync(folder.At("traces.db")))
        {
            await Run(folder.At("run"), store, 7, () => new RollBackCommand("step-00000004"), stopAfter: 9);
        }

        // As if it had been killed in step 9.
        Directory.Delete(folder.At("run/step-00000009"), recursive: true);
        await using var again = TraceStore.Open(folder.At("traces.db"));
        var (steps, rollbacks, _) = await Run(folder.At("run"), again);

        Assert.Empty(rollbacks);
        Assert.Equal(9, steps[0].Step);
        Assert.Equal(Traces, LatestCheckpoint.Read(folder.At("run"))!.State.Lessons);
    }

    [Fact]
    public async Task An_order_that_is_refused_is_not_given_again_neither_now_nor_at_the_next_start()
    {
        using var folder = new TemporaryFolder();
        await using (var store = await StoreAsync(folder.At("traces.db")))
        {
            var (steps, rollbacks, _) = await Run(
                folder.At("run"), store, 7, () =>
                {
                    File.AppendAllText(folder.At("run/step-00000004/model.safetensors"), "damaged");
                    return new RollBackCommand("step-00000004");
                },
                stopAfter: 10);

            Assert.Contains("cannot go back to 'step-00000004'", rollbacks.Single().Fault);
            Assert.Equal(Enumerable.Range(1, 10), steps.Select(step => (int)step.Step));
        }

        await using var again = TraceStore.Open(folder.At("traces.db"));
        var (rest, none, _) = await Run(folder.At("run"), again);

        Assert.Empty(none);
        Assert.Equal(11, rest[0].Step);
    }

    /// <summary>Runs as a daemon does whose traces are all there, and sends one command when a step was made.</summary>
    private static async Task<(List<TrainingStep> Steps, List<Rollback> Rollbacks, CommandReceipt? Receipt)> Run(
        string root, TraceStore store, long at = 0, Func<CurriculumCommand>? command = null, long stopAfter = long.MaxValue)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var curriculum = new Curriculum(
            new CurriculumOptions
            {
                Stages = [new CurriculumStage { Name = "expert", Teacher = "expert" }],
                MaxReuses = 0,
                MaxLessonTokens = Options.SequenceLength,
                Steerable = new Steerable
                {
                    IsTrained = true,
                    Checkpoints = () => [.. new CheckpointRoot(root).List().Select(folder => Path.GetFileName(folder)!)],
                },
            },
            store, new LettersEncoder());
        if (LatestCheckpoint.Read(root) is { Curriculum: { } saved })
        {
            curriculum.Restore(saved);
        }

        curriculum.EndOfCollection();
        var trainer = new Trainer(Options, new TrainingRun
        {
            Student = Toy.Student,
            CheckpointRoot = root,
            Curriculum = _ => new CurriculumSnapshot(curriculum.Snapshot(), curriculum.Status.Revision),
            Link = curriculum,
        });
        var (steps, rollbacks) = (new List<TrainingStep>(), new List<Rollback>());
        Task<CommandReceipt>? receipt = null;
        using var subscription = trainer.Steps.Subscribe(step =>
        {
            steps.Add(step);
            if (step.Step == at && receipt is null)
            {
                receipt = curriculum.ApplyAsync(new CommandEnvelope("the command", command!()), Token);
            }

            if (step.Step >= stopAfter)
            {
                cancel.Cancel();
            }
        });
        using var second = trainer.Rollbacks.Subscribe(rollbacks.Add);
        var teaching = curriculum.RunAsync(cancel.Token);
        await trainer.RunAsync(curriculum.Lessons, cancel.Token);
        await cancel.CancelAsync();
        await teaching;
        return (steps, rollbacks, receipt is null ? null : await receipt);
    }

    private static async Task<TraceStore> StoreAsync(string path)
    {
        var store = TraceStore.Open(path);
        foreach (var number in Enumerable.Range(0, Traces))
        {
            var prompt = $"{number}?";
            var request = new TeacherRequest
            {
                Query = new TaskQuery
                {
                    Id = TaskQuery.IdOf("letters", "task", prompt, null),
                    Collection = "letters",
                    Task = "task",
                    Prompt = prompt,
                },
                SystemMessage = "",
                Stage = "expert",
            };
            var trace = new Trace
            {
                Request = request,
                Response = new string((char)('a' + (number % 26)), 5 + (number % 9)),
                Finish = TeacherFinish.Stop,
                Teacher = "expert",
            };
            var key = await store.AskAsync(request, Token);
            await store.AnswerAsync(key, trace, Token);
            await store.SettleAsync(key, new ScreenedTrace(trace, []), cancellationToken: Token);
        }

        return store;
    }

    private sealed class LettersEncoder : ILessonEncoder
    {
        public string Identity => "letters";

        public (ImmutableArray<int> Prompt, ImmutableArray<int> Answer) Encode(string systemMessage, string prompt, string answer) =>
            ([.. prompt.Select(letter => 3 + letter)], [.. answer.Select(letter => 3 + letter), 2]);
    }
}
