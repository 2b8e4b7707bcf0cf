using Orca.Streams.Answers;
using Orca.Streams.Tasks;
using Orca.Streams.Tests.Support;
using Orca.Tests.Shared;

namespace Orca.Streams.Tests.Tasks;

public sealed class JsonLinesSourceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FaultList faults = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_OpenOrca_row_prescribes_its_system_message_and_its_response_is_the_recorded_answer()
    {
        var query = Assert.Single(await ReadAsync("""{"id": "niv.242684", "system_prompt": "", "question": "What is 2+2?", "response": "It is 4."}"""));

        Assert.Equal(("niv2", "What is 2+2?", "", "It is 4."), (query.Collection, query.Prompt, query.SystemMessage, query.Explanation));
        Assert.Empty(query.GoldAnswers);
    }

    [Theory]
    [InlineData("""{"prompt": "Q", "answer": "7", "explanation": "3 + 4 = 7."}""", "Q", "7", "3 + 4 = 7. So the answer is 7.", AnswerKind.Number)]
    [InlineData("""{"prompt": "Q", "answer": "7"}""", "Q", "7", null, AnswerKind.Number)]
    [InlineData("""{"question": "Q", "answer": "3 + 4 = 7\n#### 7"}""", "Q", "7", "3 + 4 = 7 So the answer is 7.", AnswerKind.Number)]
    [InlineData("""{"question": "Q", "passage": "P", "answer": true}""", "P\n\nQ", "yes", null, AnswerKind.YesNo)]
    [InlineData("""{"question": "Q", "answers": ["a", "b"]}""", "Q", "a", null, AnswerKind.ShortText)]
    [InlineData("""{"question": "Q", "answer": "a text\nof two lines"}""", "Q", "a text\nof two lines", null, AnswerKind.FreeText)]
    [InlineData("""{"instruction": "I", "context": "C", "response": "O", "category": "closed_qa"}""", "I\n\nC", null, "O", AnswerKind.FreeText)]
    [InlineData("""{"prompt": "Q", "completion": "C"}""", "Q", null, "C", AnswerKind.FreeText)]
    [InlineData("""{"prompt": "Q", "chosen": "C", "rejected": "R"}""", "Q", null, "C", AnswerKind.FreeText)]
    [InlineData("""{"inputs": "Q", "targets": "7", "template_type": "zs_opt"}""", "Q", "7", null, AnswerKind.Number)]
    [InlineData("""{"input": "Q", "output": "O"}""", "Q", null, "O", AnswerKind.FreeText)]
    [InlineData("""{"question": "Q", "answer": 7, "explanation": "The answer is 7."}""", "Q", "7", "The answer is 7.", AnswerKind.Number)]
    [InlineData("""{"instruction": "I", "input": "X", "output": "O"}""", "I\n\nX", null, "O", AnswerKind.FreeText)]
    [InlineData("""{"instruction": "I", "input": "", "response": "O"}""", "I", null, "O", AnswerKind.FreeText)]
    [InlineData("""{"prompt": "for a live teacher"}""", "for a live teacher", null, null, AnswerKind.FreeText)]
    public async Task Every_form_is_told_by_its_fields(string line, string prompt, string? gold, string? recorded, AnswerKind kind)
    {
        var query = Assert.Single(await ReadAsync(line));

        Assert.Equal(
            (prompt, gold, recorded, kind), (query.Prompt, query.GoldAnswers.FirstOrDefault(), query.Explanation, query.AnswerKind));
        Assert.Equal(("jsonl", "rows", null), (query.Collection, query.Task, query.SystemMessage));
    }

    [Fact]
    public async Task Earlier_turns_are_refused_by_name_and_not_dropped()
    {
        Assert.Single(await ReadAsync("""
            {"instruction": "And its price?", "output": "0", "history": [["Do you sell lamps?", "Yes."]]}
            {"instruction": "Q", "output": "A", "history": []}
            """));
        Assert.Contains("'history'", Assert.Single(faults).Message);
    }

    [Fact]
    public async Task A_text_that_nobody_reads_is_named_once()
    {
        Assert.Equal(2, (await ReadAsync("""
            {"question": "a", "response": "b", "hint": "look closer", "category": "x", "score": 1}
            {"question": "c", "response": "d", "hint": "closer"}
            """)).Count);
        Assert.Equal("The field 'hint' is not used; say what it is after the path, such as ?context=hint.", Assert.Single(faults).Message);
    }

    [Theory]
    [InlineData("""{"instruction": "I", "input": "", "context": "C", "output": "O"}""", "I\n\nC")]
    [InlineData("""{"instruction": "I", "context": "C", "question": "Q", "answer": "7"}""", "I\n\nC\n\nQ")]
    [InlineData("""{"question": "Q", "answers": {"text": ["a"], "answer_start": [0]}}""", "Q")]
    public async Task Nothing_of_a_record_with_several_texts_is_lost(string line, string prompt)
    {
        Assert.Equal(prompt, Assert.Single(await ReadAsync(line)).Prompt);
        Assert.Empty(faults);
    }

    [Theory]
    [InlineData("""{"question": "Q", "prompt": "P", "answer": "7"}""", "prompt")]
    [InlineData("""{"question": "Q", "response": "R", "output": "O"}""", "output")]
    [InlineData("""{"question": "Q", "answer": "7", "response": "R", "explanation": "E"}""", "explanation")]
    [InlineData("""{"messages": [{"role": "user", "content": "Q"}], "question": "P"}""", "question")]
    public async Task A_second_text_for_the_same_thing_is_named(string line, string name)
    {
        Assert.Single(await ReadAsync(line));
        Assert.StartsWith($"The field '{name}' is not used", Assert.Single(faults).Message);
    }

    [Fact]
    public async Task Ids_are_those_of_before_more_was_read_so_that_nothing_stored_is_asked_again()
    {
        var queries = await ReadAsync("""
            {"question": "Q", "answer": "3 + 4 = 7\n#### 7"}
            {"question": "Q", "answer": true}
            {"question": "Q", "answer": "7", "task_name": "t"}
            """);
        Assert.Equal(
            new[] { "3 + 4 = 7\n#### 7", null, "7" }.Select(gold => TaskQuery.IdOf("jsonl", "rows", "Q", gold)).Order(),
            queries.Select(query => query.Id).Order());
    }

    [Fact]
    public async Task A_form_that_is_not_known_is_refused_at_the_start_with_its_fields_and_read_as_somebody_says()
    {
        var path = folder.Write("odd.jsonl", """{"ask": "Q", "say": "7", "about": "P"}""");

        var refusal = Assert.Throws<TaskFormatException>(() => TaskSpec.Of($"jsonl:{path}").Open()).Message;
        Assert.Contains("'ask', 'say', 'about'", refusal);
        Assert.Contains("?question=FIELD&answer=FIELD", refusal);
        Assert.Contains("ROLE=FIELD", Assert.Throws<TaskFormatException>(() => TaskSpec.Of($"jsonl:{path}?ask=question").Open()).Message);

        var query = Assert.Single(await ReadAllAsync(path + "?question=ask&answer=say&context=about", 0));
        Assert.Equal(("P\n\nQ", "7"), (query.Prompt, query.GoldAnswers[0]));
    }

    [Fact]
    public async Task A_row_may_name_collection_and_task() =>
        Assert.Equal(
            ("c", "t"),
            (await ReadAsync("""{"prompt": "Q", "answer": "A", "collection": "c", "task": "t"}"""))
                .Select(query => (query.Collection, query.Task)).Single());

    [Fact]
    public async Task Malformed_lines_are_named_and_the_others_are_read()
    {
        var queries = await ReadAsync("\uFEFF{\"prompt\": \"one\"}\r\n{\"prompt\": \n\n[1]\n{\"answer\": \"x\"}\n{\"prompt\": "
            + "\"\\ud800\"}\n{\"prompt\": 5}\n{\"prompt\": \" \"}\n{\"prompt\": \"two\"}");

        Assert.Equal(["one", "5", "two"], queries.Select(query => query.Prompt));
        Assert.Equal([2L, 4, 5, 6, 8], faults.Select(fault => fault.Line));
        Assert.All(faults, fault => Assert.EndsWith("rows.jsonl", fault.File));
    }

    [Fact]
    public async Task Files_of_a_folder_are_drawn_from_in_turns_and_skipping_is_exact()
    {
        folder.Write("b.jsonl", "{\"prompt\": \"b1\"}\n{\"prompt\": \"b2\"}\n");
        folder.Write("a.jsonl", "{\"prompt\": \"a1\"}\nbad\n{\"prompt\": \"a2\"}\n");

        var all = (await ReadAllAsync(folder.Path, 0)).Select(query => query.Prompt).ToList();
        Assert.Equal(["a1", "a2", "b1", "b2"], all.Order());
        Assert.Equal(all.Skip(2), (await ReadAllAsync(folder.Path, 2)).Select(query => query.Prompt));
    }

    [Theory]
    [InlineData("""{"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]}""", "S", "A")]
    [InlineData("""{"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}], "label": true}""", null, "A")]
    [InlineData("""{"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}], "label": false}""", null, null)]
    [InlineData("""{"messages": [{"role": "user", "content": "Q"}]}""", null, null)]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "text", "text": "Q"}]}, {"role": "assistant", "content": "A"}]}""", null, "A")]
    [InlineData("""{"conversations": [{"from": "system", "value": "S"}, {"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}]}""", "S", "A")]
    [InlineData("""{"system": "S", "conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}]}""", "S", "A")]
    [InlineData("""{"prompt": [{"role": "user", "content": "Q"}], "completion": [{"role": "assistant", "content": "A"}]}""", null, "A")]
    public async Task A_conversation_of_one_question_is_one(string line, string? system, string? recorded)
    {
        var query = Assert.Single(await ReadAsync(line));

        Assert.Equal(("Q", system, recorded), (query.Prompt, query.SystemMessage, query.Explanation));
    }

    [Theory]
    [InlineData("""{"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}, {"role": "user", "content": "Q"}]}""")]
    [InlineData("""{"messages": [{"role": "assistant", "content": "A"}]}""")]
    [InlineData("""{"messages": [{"role": "user"}]}""")]
    [InlineData("""{"messages": [7]}""")]
    [InlineData("""{"messages": "Q"}""")]
    [InlineData("""{"messages": []}""")]
    public async Task Longer_conversations_are_named_as_faults(string line)
    {
        Assert.Empty(await ReadAsync(line));
        Assert.Contains("one of the user", Assert.Single(faults).Message);
    }

    [Fact]
    public async Task A_part_of_a_message_that_is_no_text_is_named()
    {
        Assert.Empty(await ReadAsync("""{"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}"""));
        Assert.Contains("'image_url'", Assert.Single(faults).Message);
    }

    [Theory]
    [InlineData("[{\"prompt\": \"a\"}, {\"prompt\": \"b, ]\"}]", "1 1")]
    [InlineData("\uFEFF [\n {\n  \"prompt\":\n   \"a\"\n },\n {\"prompt\": \"b, ]\", \"x\": [1, {\"y\": \"\\\"}\\\\\"}]}\n]\n", "2 6")]
    public async Task A_list_of_records_is_read_like_lines(string text, string lines)
    {
        Assert.Equal(["a", "b, ]"], (await ReadAsync(text)).Select(query => query.Prompt));
        Assert.DoesNotContain(faults, fault => !fault.Message.StartsWith("The field 'x' is not used", StringComparison.Ordinal));

        faults.Clear();
        await ReadAsync(text.Replace("\"prompt\": \"", "\"prompt\": \"\", \"was\": \"").Replace(
            "\"prompt\":\n   \"", "\"prompt\":\n   \"\", \"was\": \""));
        Assert.Equal(lines, string.Join(' ', faults.Select(fault => fault.Line)));
    }

    [Fact]
    public async Task A_list_that_is_cut_gives_what_is_whole_and_names_the_rest()
    {
        var queries = await ReadAsync("[{\"prompt\": \"a\"},\n7,\n[8],\n\"nine\",\n{\"prompt\": \"b");

        Assert.Equal(["a"], queries.Select(query => query.Prompt));
        Assert.Equal([2L, 3, 4, 5], faults.Select(fault => fault.Line));
    }

    [Theory]
    [InlineData("alpaca_en_demo.json", 999)]
    [InlineData("kto_en_demo.json", 300)]
    [InlineData("gpteacher_roleplay.json", 1923)]
    [InlineData("gpteacher_codegen.json", 4535)]
    public async Task Real_lists_of_teachers_answers_are_read(string file, int records)
    {
        var queries = await ReadAllAsync(SharedData.Require($"traces/{file}"), 0);

        Assert.Equal(records, queries.Count + faults.Count);
        Assert.All(faults, fault => Assert.StartsWith("The record is a conversation of user, assistant, user, ", fault.Message));
    }

    [Fact]
    public async Task Real_rows_of_questions_and_answers_are_read()
    {
        var path = SharedData.Require("gsm8k/train_first3000.jsonl");

        Assert.Equal(3000, (await ReadAllAsync(path, 0)).Count);
        Assert.Empty(faults);
    }

    private Task<List<TaskQuery>> ReadAsync(string text) => ReadAllAsync(folder.Write("rows.jsonl", text), 0);

    private Task<List<TaskQuery>> ReadAllAsync(string path, long skip) => Sources.ReadAsync($"jsonl:{path}", faults, skip: skip);
}
