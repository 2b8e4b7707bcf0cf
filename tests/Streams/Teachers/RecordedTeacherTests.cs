using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Teachers;

public sealed class RecordedTeacherTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FaultList faults = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_questions_own_explanation_goes_before_its_gold_answer()
    {
        using var teacher = new RecordedTeacher();
        var request = Questions.Request("q", "7");

        Assert.Equal("The answer is 7.", (await teacher.AskAsync(request, Cancelled)).Response);
        Assert.Equal("7", (await teacher.AskAsync(request with { Query = request.Query with { Explanation = null } }, Cancelled)).Response);
        Assert.Equal(TeacherFinish.Stop, (await teacher.AskAsync(request, Cancelled)).Finish);
    }

    [Fact]
    public async Task Reasoning_in_tags_of_a_recorded_answer_stands_apart()
    {
        using var teacher = new RecordedTeacher();
        var request = Questions.Request("q", "7");
        request = request with { Query = request.Query with { Explanation = "<think>Is it 8?</think>\nThe answer is 7." } };

        var trace = await teacher.AskAsync(request, Cancelled);

        Assert.Equal(("Is it 8?", "The answer is 7."), (trace.Reasoning, trace.Response));
    }

    [Fact]
    public async Task A_question_without_any_answer_fails_for_good()
    {
        using var teacher = new RecordedTeacher();
        var request = Questions.Request("q");
        request = request with { Query = request.Query with { Explanation = null, GoldAnswers = [] } };

        var failure = await Assert.ThrowsAsync<TeacherException>(() => teacher.AskAsync(request, Cancelled));

        Assert.Equal(TeacherFault.Request, failure.Fault);
        Assert.Contains(request.Query.Id, failure.Message);
    }

    [Fact]
    public async Task A_file_answers_by_request_id_question_id_or_the_questions_text()
    {
        var (first, second) = (Questions.Request("one"), Questions.Request("two"));
        var (third, other) = (Questions.Request(" three\nlines "), Questions.Request("other"));
        var path = folder.Write("answers.jsonl", $$"""
            {{"\uFEFF"}}{"id": "{{first.Id}}", "response": "by request – ü"}
            {"id": "{{second.Query.Id}}", "answer": "by question"}
            not JSON
            {"question": "three\nlines", "response": "replaced later"}

            {"question": "nothing"}
            {"response": "nobody's"}
            {"prompt": "three\nlines", "output": "by text", "score": NaN}
            """);
        using var teacher = await RecordedTeacher.OpenAsync(path, faults, Cancelled);

        Assert.Equal("by request – ü", (await teacher.AskAsync(first, Cancelled)).Response);
        Assert.Equal("by question", (await teacher.AskAsync(second, Cancelled)).Response);
        Assert.Equal("by text", (await teacher.AskAsync(third, Cancelled)).Response);
        Assert.Equal("The answer is 7.", (await teacher.AskAsync(other, Cancelled)).Response);
        Assert.Equal([3L, 6, 7], faults.Select(fault => fault.Line));
    }

    [Fact]
    public async Task A_missing_file_is_refused() =>
        Assert.Contains(
            "'/no/such'",
            (await Assert.ThrowsAsync<TaskFormatException>(() => RecordedTeacher.OpenAsync("/no/such", faults, Cancelled))).Message);
}
