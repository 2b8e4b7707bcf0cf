using Orca.Streams.Answers;
using Orca.Streams.Tasks;
using Orca.Streams.Tasks.Records;
using Orca.Streams.Tests.Support;
using Orca.Tests.Shared;

namespace Orca.Streams.Tests.Tasks;

public sealed class FlanCotSourceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FaultList faults = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_line_is_question_answer_and_explanation_with_line_breaks_as_two_characters()
    {
        folder.Write("aqua_train.tsv", "How much?\\nOptions:\\n(A) 1\\n(B) 2\t(B)\tone and one\\nis two\n");

        var query = Assert.Single(await ReadAsync());

        Assert.Equal("How much?\nOptions:\n(A) 1\n(B) 2", query.Prompt);
        Assert.Equal(["(B)"], query.GoldAnswers);
        Assert.Equal("one and one\nis two So the answer is (B).", query.Explanation);
        Assert.Equal(
            ("cot", "aqua_train", AnswerKind.MultipleChoice, 0.5), (query.Collection, query.Task, query.AnswerKind, query.Chance!.Value));
        Assert.Equal(TaskQuery.IdOf("cot", "aqua_train", query.Prompt, "(B)"), query.Id);
    }

    [Theory]
    [InlineData("72", AnswerKind.Number)]
    [InlineData("1,000", AnswerKind.Number)]
    [InlineData("-3.5", AnswerKind.Number)]
    [InlineData("(C)", AnswerKind.MultipleChoice)]
    [InlineData("bloody mess", AnswerKind.ShortText)]
    [InlineData("yes", AnswerKind.YesNo)]
    public async Task The_answers_form_decides_how_it_is_compared(string answer, AnswerKind kind)
    {
        folder.Write("t.tsv", $"q\t{answer}\te\n");

        Assert.Equal(kind, (await ReadAsync()).Single().AnswerKind);
    }

    [Fact]
    public async Task Malformed_lines_are_named_by_file_and_line_and_the_others_are_read()
    {
        var path = folder["t.tsv"];
        byte[] bytes =
        [
            .. "\uFEFFone\t1\te\r\n"u8, .. "two\t2\n"u8, .. "three\t3\te\tmore\n"u8, .. "fo\xFFr\t4\te\n"u8,
            .. "\n"u8, .. "\t5\te\n"u8, .. "six\t\te\n"u8,
            .. "no UTF-8 "u8, 0xFF, 0xFE, .. "\t7\te\n"u8, .. "eight\t8\t"u8,
        ];
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);

        var queries = await ReadAsync();

        Assert.Equal(["one", "fo\u00FFr", "eight"], queries.Select(query => query.Prompt));
        Assert.Null(queries[^1].Explanation);
        Assert.Equal([2L, 3, 6, 7, 8], faults.Select(fault => fault.Line));
        Assert.All(faults, fault => Assert.Equal(path, fault.File));
        Assert.Equal("The line has 2 tab-separated columns; expected 3: question, answer, explanation.", faults[0].Message);
        Assert.Contains("UTF-8", faults[^1].Message);
    }

    [Fact]
    public async Task A_question_behind_many_blanks_is_one_and_blanks_of_any_kind_are_none()
    {
        folder.Write("t.tsv", $"{string.Concat(Enumerable.Repeat("\\n", 40))}How many?\t7\te\n\u00a0\u2003\t7\te\n");

        Assert.Equal("How many?", Assert.Single(await ReadAsync()).Prompt);
        Assert.Equal(2, Assert.Single(faults).Line);
    }

    [Fact]
    public async Task A_line_longer_than_any_question_is_a_fault_and_does_not_stop_the_reading()
    {
        var path = folder["t.tsv"];
        await using (var file = new StreamWriter(path))
        {
            await file.WriteAsync("one\t1\te\n");
            await file.WriteAsync(new string('x', RecordBatch.MaxBytes + 100_000));
            await file.WriteAsync("\t2\te\nthree\t3\te\n");
        }

        Assert.Equal(["one", "three"], (await ReadAsync()).Select(query => query.Prompt));
        Assert.Equal(2, Assert.Single(faults).Line);
    }

    [Fact]
    public async Task Tasks_are_drawn_uniformly_each_once_through_and_the_order_depends_on_the_seed_alone()
    {
        folder.Write("long.tsv", string.Concat(Enumerable.Range(0, 200).Select(number => $"long {number}\t1\te\n")));
        folder.Write("short.tsv", string.Concat(Enumerable.Range(0, 50).Select(number => $"short {number}\t1\te\n")));

        var first = await ReadAsync(seed: 1);

        Assert.Equal(250, first.Select(query => query.Prompt).Distinct().Count());
        Assert.InRange(first.Take(60).Count(query => query.Task == "short"), 15, 45);
        Assert.Equal(
            Enumerable.Range(0, 50).Select(number => $"short {number}"),
            first.Where(query => query.Task == "short").Select(query => query.Prompt));
        Assert.Equal(first.Select(query => query.Id), (await ReadAsync(seed: 1)).Select(query => query.Id));
        Assert.NotEqual(first.Select(query => query.Id), (await ReadAsync(seed: 2)).Select(query => query.Id));
        Assert.Equal(first.Skip(123).Select(query => query.Id), (await ReadAsync(seed: 1, skip: 123)).Select(query => query.Id));
    }

    [Fact]
    public void A_missing_path_and_a_folder_without_tasks_are_refused()
    {
        Assert.Contains("'/no/such/path'", Assert.Throws<TaskFormatException>(() => TaskSpec.Of("flan-cot:/no/such/path").Open()).Message);
        Assert.Contains(".tsv", Assert.Throws<TaskFormatException>(() => TaskSpec.Of($"flan-cot:{folder.Path}").Open()).Message);
    }

    [Fact]
    public async Task All_of_the_real_files_are_read_without_a_fault()
    {
        var counts = new Dictionary<string, int>();
        foreach (var query in await Sources.ReadAsync($"flan-cot:{SharedData.Require("flan_v2/cot_data")}", faults))
        {
            counts[query.Task] = counts.GetValueOrDefault(query.Task) + 1;
            Assert.DoesNotContain("\\n", query.Prompt);
            Assert.NotNull(query.Explanation);
        }

        Assert.Empty(faults);
        Assert.Equal(
            [("aqua_train", 2728), ("creak_train", 6915), ("ecqa_train", 7112), ("gsm8k_train", 7473), ("strategyqa_train", 2061)],
            counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => (count.Key, count.Value)));
    }

    private Task<List<TaskQuery>> ReadAsync(long seed = 0, long skip = 0) =>
        Sources.ReadAsync($"flan-cot:{folder.Path}", faults, new SourceOptions { Seed = seed }, skip);
}
