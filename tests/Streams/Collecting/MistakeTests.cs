using Orca.Streams.Collecting;
using Orca.Streams.Collecting.StudentFirst;
using Orca.Streams.Storage;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Endpoints;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Collecting;

/// <summary>
/// A teacher is shown the student's wrong answer; what is taught is its explanation, as the answer to the question alone.
/// </summary>
public sealed class MistakeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_teacher_of_the_stages_named_is_shown_the_wrong_answer_and_the_lesson_is_the_ordinary_one()
    {
        var seen = new List<TeacherRequest>();
        await using var run = Run(Teacher(seen), Wrong("I guess that it is 99."), TestRun.Stages(assistant: 5, expert: 5));
        run.Start();
        var lessons = await run.ReadAsync(1000);
        await run.PipelineLoop;

        Assert.All(seen, request => Assert.Equal(request.Stage == "expert" ? "I guess that it is 99." : null, request.Mistake));
        Assert.Equal(10, lessons.Count);
        foreach (var trace in run.Store.Accepted("expert", 0, 10).Select(accepted => accepted.Trace))
        {
            Assert.Equal("I guess that it is 99.", trace.Request.Mistake);
            var ordinary = new WordEncoder().Encode(trace.Request.SystemMessage, trace.Request.Query.Prompt, trace.Response);
            Assert.Equal(ordinary.Prompt, lessons.Single(lesson => lesson.RequestId == trace.Request.Id).PromptTokens);
        }
    }

    [Fact]
    public void It_is_the_same_request_so_it_is_paid_for_once_however_it_is_put()
    {
        var request = Questions.Request("What is 3 + 4?", systemMessage: "Think.");
        var shown = request with { Mistake = "8" };

        Assert.Equal(request.Id, shown.Id);
        var messages = TeacherEndpoint.MessagesOf(shown).Select(message => message.Text).ToList();
        Assert.StartsWith("Think.\n\nBelow the question there is an answer that a student gave", messages[0]);
        Assert.Equal("What is 3 + 4?\n\nThe student's answer, which is wrong:\n8", messages[1]);
        Assert.Equal(["Think.", "What is 3 + 4?"], TeacherEndpoint.MessagesOf(request).Select(message => message.Text));
    }

    [Fact]
    public async Task After_a_restart_the_same_mistake_is_shown_whatever_the_student_says_by_then()
    {
        var isOpen = false;
        var seen = new List<TeacherRequest>();
        var teacher = new FakeTeacher(async (request, cancellationToken) =>
        {
            lock (seen)
            {
                seen.Add(request);
            }

            if (!isOpen)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return request.Query.Explanation!;
        });
        await using (var run = Run(teacher, Wrong("one"), TestRun.Stages(), questions: 3))
        {
            run.Start();
            await Patience.Until(() => seen.Count == 3);
            await run.KillAsync();
        }

        isOpen = true;
        seen.Clear();
        var student = Wrong("two");
        await using var again = Run(teacher, student, TestRun.Stages(), questions: 3);
        again.Start();
        await again.ReadAsync(10);
        await again.PipelineLoop;

        Assert.Empty(student.Asked);
        Assert.Equal(["one", "one", "one"], seen.Select(request => request.Mistake));
        Assert.All(
            Account.Of(again.Store.Path, traces => traces.Read(new TraceFilter()).ToList()),
            trace => Assert.Equal("one", trace.Request.Mistake));
    }

    [Fact]
    public void Of_a_long_answer_the_beginning_is_shown_without_half_a_character()
    {
        Assert.Equal("said", MistakeQuestion.Shown("  said \n"));
        Assert.Null(MistakeQuestion.Shown(" \n"));
        var cut = MistakeQuestion.Shown(new string('a', MistakeQuestion.MaxCharacters - 1) + "😀 and so on")!;
        Assert.Equal(new string('a', MistakeQuestion.MaxCharacters - 1), cut);
    }

    private TestRun Run(ITeacher teacher, IStudent student, Streams.Curricula.CurriculumOptions stages, int questions = 5) => new(
        folder.Path, stages, [ListSource.Of("cot", questions)], teacher,
        new CollectionOptions { Student = new StudentOptions(student) { ExplainMistakesIn = ["expert"] } });

    private static FakeStudent Wrong(string answer) => new((_, _, _) => Task.FromResult<string?>(answer));

    private static FakeTeacher Teacher(List<TeacherRequest> seen) => new((request, _) =>
    {
        lock (seen)
        {
            seen.Add(request);
        }

        return Task.FromResult(request.Query.Explanation!);
    });
}
