using Orca.Evaluation.Protocols;
using Orca.Evaluation.Recordings;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Suites;
using Orca.Streams.Answers;
using Orca.Tests.Shared;

namespace Orca.Evaluation.Tests.Recordings;

public sealed class RescoringTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("orca-rescore-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_accuracy_that_the_authors_recorded_is_reproduced_to_the_last_bit()
    {
        var files = RecordedFiles.Find([SharedData.Require("bbh_model_outputs/direct")]).Select(Judge).ToList();

        Assert.Equal(27, files.Count);
        Assert.All(files, file => Assert.Equal(file.RecordedAccuracy!.Value, file.Accuracy));
    }

    [Fact]
    public void The_marks_of_gsm8k_s_solutions_are_found_again_in_99_percent()
    {
        var file = Judge(SharedData.Require("gsm8k/example_model_solutions.jsonl"));

        Assert.Equal(4 * 1319, file.Answers.Length);
        Assert.InRange(file.Agreement!.Value, 99, 100);
    }

    [Theory]
    [InlineData("{\"input\": \"2 + 2?\", \"prediction\": \"4\", \"tar", true)]
    [InlineData("{\"input\": \"2 + 2?\", \"prediction\": \"4\", \"target\": \"4\"}", false)]
    [InlineData("  ", false)]
    public void A_last_line_that_a_kill_has_cut_counts_for_nothing_and_is_told(string last, bool isCut)
    {
        var path = Path.Combine(folder, "outputs.jsonl");
        File.WriteAllText(path, $"{{\"input\": \"1 + 1?\", \"prediction\": \"2\", \"target\": \"2\"}}\n{last}");

        var file = Judge(path);

        Assert.Equal(isCut, file.IsCut);
        Assert.Equal(last.EndsWith('}') ? 2 : 1, file.Answers.Length);
        Assert.Equal(100, file.Accuracy);
    }

    [Fact]
    public void A_line_that_is_damaged_before_the_last_is_named()
    {
        var path = Path.Combine(folder, "outputs.jsonl");
        File.WriteAllText(
            path, "{\"input\": \"1 + 1?\", \"predic\n{\"input\": \"2?\", \"prediction\": \"2\", \"target\": \"2\"}\n");

        Assert.Contains("Line 1 of", Assert.Throws<EvaluationException>(() => Judge(path)).Message);
    }

    [Fact]
    public void Outputs_that_think_step_by_step_are_judged_by_what_follows_the_last_answer_is()
    {
        var path = Write("cot.json", """
            {"canary": "c", "outputs": [
              {"input": "Q: x\nA: Let's think step by step.", "prediction": "The answer is (A)? No. So the answer is (B).", "target": "(B)"},
              {"input": "Q: y\nA: Let's think step by step.", "prediction": "It is (A).", "target": "(A)"},
              {"input": "Q: z\nA: Let's think step by step.", "prediction": "So the answer is 3.5.\n\nQ: more", "target": "3.5"}]}
            """);
        Write("cot_eval_metrics.jsonl", """{"accuracy": 66.66666666666666}""");

        var file = Judge(path);

        Assert.Equal("authors-cot", file.Rule);
        Assert.Equal([true, false, true], file.Answers.Select(answer => answer.Reading.IsRight));
        Assert.Equal((2, 1, file.RecordedAccuracy), (file.Right, file.Unparsed, (double?)file.Accuracy));
    }

    [Fact]
    public void Without_a_recorded_accuracy_the_protocol_given_judges()
    {
        var path = Write("o.json", """{"outputs": [{"input": "Q\nOptions:\n(A) x\n(B) y", "prediction": "Answer: B", "target": "(B)"}]}""");

        var paper = Rescoring.Judge(RecordedFiles.Read(path), new PaperProtocol());
        var robust = Judge(path);

        Assert.Equal(("paper", 0, 1), (paper.Rule, paper.Right, paper.Answers.Count(answer => answer.IsChanged)));
        Assert.Equal(("robust", 1), (robust.Rule, robust.Right));
    }

    [Fact]
    public void Samples_of_the_harness_are_read_with_their_marks()
    {
        var path = Write("samples_bbh_2024.jsonl", """
            {"doc_id": 0, "doc": {"input": "not True is"}, "target": "False", "resps": [["False"]], "filtered_resps": ["False"], "filter": "strict-match", "exact_match": 1.0}
            {"doc_id": 0, "doc": {"input": "not True is"}, "target": "False", "resps": [["False"]], "filtered_resps": ["x"], "filter": "flexible-extract", "exact_match": 0.0}
            {"doc_id": 1, "doc": {"input": "not False is"}, "target": "True", "resps": [["So the answer is True."]], "filtered_resps": ["So the answer is True."], "filter": "strict-match", "exact_match": 0.0}
            """);

        var file = Judge(path);

        Assert.Equal(["0", "1"], file.Answers.Select(answer => answer.Recorded.Name));
        Assert.Equal(50, file.RecordedAccuracy);
        Assert.Equal([false, true], file.Answers.Select(answer => answer.IsChanged));
        Assert.Equal(100, file.Accuracy);
    }

    [Fact]
    public void Ranked_choices_of_the_harness_are_read_by_the_likeliest()
    {
        var path = Write("samples_agieval.jsonl", """
            {"doc_id": 7, "doc": {"query": "Q"}, "target": 1, "resps": [[[-3.5, false]], [[-1.25, false]], [[-9, false]]], "acc": 1.0}
            """);

        Assert.Equal((100, 1), (Judge(path).Accuracy, Judge(path).Right));
    }

    [Fact]
    public void A_runs_answers_are_written_as_samples_of_the_harness_and_read_again_with_the_same_marks()
    {
        ItemRecord Record(int row, string response, bool isRight) => new()
        {
            Suite = "own",
            Task = "sums/easy",
            Row = row,
            Item = $"id{row}",
            Protocol = "robust",
            Prompt = new Prompt { Text = $"{row} + {row}", Stops = ["Q:"] },
            Question = $"{row} + {row}",
            Gold = [$"{2 * row}"],
            Kind = AnswerKind.Number,
            Response = response,
            Answer = isRight ? $"{2 * row}" : null,
            IsRight = isRight,
            Version = "1",
            Time = default,
        };
        var ranked = Record(2, "(B)4", isRight: true) with
        {
            Task = "choices",
            Row = 0,
            Gold = ["B"],
            Kind = AnswerKind.MultipleChoice,
            Prompt = new Prompt { Text = "Q", Continuations = [" (A)3", " (B)4"] },
            ChoiceLosses = [3.5, 0.25],
        };

        var files = LmEvalSamples.Write(
            folder,
            [
                Record(0, "The answer is 0.", true), Record(1, "I do not know.", false), Record(1, "It is 2.", true) with { Repeat = 1 },
                Record(0, "Nothing.", false) with { Repeat = 1 }, ranked,
            ]);

        Assert.Equal(["samples_choices.jsonl", "samples_sums_easy.jsonl"], files.Select(Path.GetFileName));
        Assert.Equal((1, 100, 100), (Judge(files[0]).Answers.Length, Judge(files[0]).Accuracy, Judge(files[0]).RecordedAccuracy));
        var sums = Judge(files[1]);
        Assert.Equal((4, 50, 50), (sums.Answers.Length, sums.Accuracy, sums.RecordedAccuracy));
        Assert.All(sums.Answers, answer => Assert.False(answer.IsChanged));
    }

    [Theory]
    [InlineData("{\"a\": 1}", "is of no form that is known")]
    [InlineData("", "holds no output")]
    [InlineData("{\"input\": \"q\", \"prediction\": \"p\", \"target\": \"t\"}\nnot json", "Line 2 of")]
    [InlineData("{\"input\": \"q\", \"prediction\": \"p\", \"target\": \"t\"}\n{\"input\": \"q\"}", "line 2 has no response")]
    public void What_cannot_be_read_is_told_in_one_sentence(string text, string expected)
    {
        var path = Write("x.jsonl", text);

        var failure = Assert.Throws<EvaluationException>(() => RecordedFiles.Read(path));

        Assert.Contains(expected, failure.Message);
        Assert.Contains(path, failure.Message);
    }

    private static RescoredFile Judge(string path) => Rescoring.Judge(RecordedFiles.Read(path), new RobustProtocol());

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
