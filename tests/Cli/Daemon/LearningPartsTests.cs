using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Orca.Streams.Collecting;
using Orca.Streams.Storage;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Cli.Tests.Daemon;

public sealed class LearningPartsTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(2_000)]
    [InlineData(10_000)]
    public void However_many_requests_are_in_flight_there_is_room_for_what_is_judged_and_stored(int parallel)
    {
        var options = LearningParts.CollectionOptionsOf(new OrcaSettings(), concurrency: parallel);

        Assert.InRange(options.Credits, 2 * parallel, int.MaxValue);
    }

    [Theory]
    [InlineData(10_000, 64)]
    [InlineData(10_000, 3)]
    public void However_many_answers_a_question_has_there_are_no_more_requests_on_their_way(int parallel, int answers)
    {
        var settings = new OrcaSettings { Teacher = new TeacherSettings { Answers = answers } };

        var options = LearningParts.CollectionOptionsOf(settings, concurrency: parallel);

        Assert.InRange(options.Credits * answers, parallel, 2 * parallel);
    }

    [Fact]
    public async Task Where_a_question_has_one_answer_nobody_is_asked_for_the_score_that_would_choose()
    {
        var folder = new RunFolder(Directory.CreateTempSubdirectory("orca-parts-").FullName);
        var settings = new OrcaSettings
        {
            Run = new RunSettings { Folder = folder.Path, Roles = ["collect"] },
            Teacher = new TeacherSettings { Best = ["-loss", "words"] },
            Collect = new CollectSettings { Accept = 3 },
        };

        var inputs = RunInputs.Open(folder, settings, new Progress<SourceFault>());
        var parts = await LearningParts.OpenAsync(folder, inputs, settings, TimeProvider.System, Cancelled);
        await using (var learning = new LearningSide(parts))
        {
            learning.Start();
            await learning.EndAsync();
            Assert.Equal(CollectionEnd.GoalReached, (await learning.StopAsync()).Collecting);
        }

        Directory.Delete(folder.Path, recursive: true);
    }

    [Fact]
    public async Task A_start_that_only_trains_keeps_nearly_the_same_answers_rejected()
    {
        var folder = new RunFolder(Directory.CreateTempSubdirectory("orca-parts-").FullName);
        var settings = new OrcaSettings { Run = new RunSettings { Folder = folder.Path, Roles = ["train"] } };
        await FillAsync(folder, settings);

        var inputs = new RunInputs(null, null, [], RunInputs.MessagesOf(settings), new Progress<SourceFault>());
        await using (var parts = await LearningParts.OpenAsync(folder, inputs, settings, TimeProvider.System, Cancelled))
        {
            Assert.Equal((1, 1), (parts.Counts.Accepted, parts.Counts.RejectedByScreen["near-duplicate"]));
        }

        Directory.Delete(folder.Path, recursive: true);
    }

    // Two answers of the same words to different questions, judged as a run does.
    private static async Task FillAsync(RunFolder folder, OrcaSettings settings)
    {
        await using var store = TraceStore.Open(folder.Traces);
        var screens = RunScreens.Of(settings, null, store, RunScreens.EarlierOf(settings, folder));
        foreach (var question in new[] { "How many ships are there?", "Who keeps the lamp?" })
        {
            var request = new TeacherRequest
            {
                Query = new TaskQuery { Id = TaskQuery.IdOf("c", "t", question, null), Collection = "c", Task = "t", Prompt = question },
                SystemMessage = "",
                Stage = "expert",
            };
            var trace = new Trace
            {
                Request = request,
                Response = string.Join(' ', Enumerable.Range(0, 60).Select(number => $"word{number}")),
                Finish = TeacherFinish.Stop,
                Teacher = "t",
            };
            var key = await store.AskAsync(request, Cancelled);
            await store.AnswerAsync(key, trace, cancellationToken: Cancelled);
            await store.SettleAsync(key, screens.Judge(trace), cancellationToken: Cancelled);
        }
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;
}
