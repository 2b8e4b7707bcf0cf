using Orca.Streams.Tasks;
using Orca.Streams.Tests.Support;
using Orca.Tests.Shared;

namespace Orca.Streams.Tests.Tasks;

public sealed class NaturalInstructionsSourceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FaultList faults = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_prompt_is_definition_and_input_the_gold_answers_are_the_outputs()
    {
        folder.Write("task1_capital.json", """
            {"Definition": ["Name the capital."], "Positive Examples": [{"input": "no", "output": "no"}],
             "Instances": [{"id": "a", "input": " France ", "output": ["Paris", "paris "]}, {"id": "b", "input": "Québec \u00e9", "output": "Québec"}]}
            """);

        var queries = await ReadAsync();

        Assert.Equal(["Name the capital.\n\nFrance", "Name the capital.\n\nQuébec é"], queries.Select(query => query.Prompt));
        Assert.Equal(["Paris", "paris"], queries[0].GoldAnswers);
        Assert.Equal(["Québec"], queries[1].GoldAnswers);
        Assert.Equal(("niv2", "task1_capital", null), (queries[0].Collection, queries[0].Task, queries[0].Explanation));
        Assert.Empty(faults);
    }

    [Fact]
    public async Task Numbers_that_only_Python_writes_spoil_no_task()
    {
        folder.Write("a.json", """{"URL": [NaN, -Infinity], "Definition": "NaN \" NaN", "Instances": [{"x": NaN, "input": "Infinity", "output": ["NaN", NaN]}]}""");

        var query = Assert.Single(await ReadAsync());

        Assert.Equal("NaN \" NaN\n\nInfinity", query.Prompt);
        Assert.Equal(["NaN"], query.GoldAnswers);
    }

    [Fact]
    public async Task A_task_gives_no_more_than_its_cap_in_the_order_of_its_file()
    {
        var instances = string.Join(
            ",\n", Enumerable.Range(0, 40).Select(number => $$"""{"id": "{{number}}", "input": "{{number}}", "output": ["x"]}"""));
        folder.Write("a.json", $$"""{"Definition": "D", "Instances": [{{instances}}]}""");
        folder.Write("sub/b.json", $$"""{"Instances": [{{instances}}], "Definition": "E"}""");

        var queries = await ReadAsync(perTask: 15);

        Assert.Equal(30, queries.Count);
        Assert.Equal(
            Enumerable.Range(0, 15).Select(number => $"E\n\n{number}"),
            queries.Where(query => query.Task == "sub/b").Select(query => query.Prompt));
        Assert.Equal(queries.Skip(7).Select(query => query.Id), (await ReadAsync(perTask: 15, skip: 7)).Select(query => query.Id));
    }

    [Fact]
    public async Task Malformed_files_and_instances_are_named_by_file_and_line_and_the_others_are_read()
    {
        folder.Write("list.json", "[1, 2]");
        folder.Write("cut.json", "{\"Definition\": [\"D\"],\n\"Instances\": [{\"input\": \"x\",\n");
        folder.Write("none.json", "{\"Definition\": [\"D\"]}");
        folder.Write("empty.json", "");
        folder.Write("surrogate.json", "{\"Definition\": \"D\", \"Instances\": [{\"input\": \"\\ud800\", \"output\": \"x\"}]}");
        folder.Write("some.json", """
            {"Definition": ["D"], "Instances": [
              {"input": "good", "output": ["yes"]},
              {"output": ["yes"]},
              {"input": "", "output": ["yes"]},
              {"input": "x", "output": []},
              {"input": "x", "output": [""]},
              7,
              {"input": "also good", "output": "yes"}
            ]}
            """);

        var queries = await ReadAsync();

        Assert.Equal(["D\n\ngood", "D\n\nalso good"], queries.Select(query => query.Prompt));
        var found = faults.Select(fault => (Path.GetFileName(fault.File), fault.Line)).Order().ToList();
        Assert.Equal(
            [("cut.json", 3L), ("empty.json", 1), ("list.json", 1), ("none.json", 1), ("some.json", 3), ("some.json", 4), ("some.json", 5),
                ("some.json", 6),
                ("some.json", 7),
                ("surrogate.json", 1)],
            found);
    }

    [Fact]
    public async Task All_of_the_real_tasks_are_read_without_a_fault()
    {
        var count = 0;
        var tasks = new HashSet<string>();
        foreach (var query in await Sources.ReadAsync($"natural-instructions:{SharedData.Require("natural_instructions/tasks")}", faults))
        {
            count++;
            tasks.Add(query.Task);
            Assert.NotEmpty(query.GoldAnswers);
        }

        Assert.Empty(faults);
        Assert.Equal(120, tasks.Count);
        Assert.True(count > 7000, $"{count} read");
    }

    [Fact]
    public async Task Real_tasks_of_an_older_form_are_read_and_lists_of_labels_named_as_no_tasks()
    {
        var path = SharedData.Require("cl_benchmark/long_sequence");
        var count = (await Sources.ReadAsync($"natural-instructions:{path}", faults, new SourceOptions { PerTask = 20 })).Count;

        Assert.True(count >= 100, $"{count} read");
        Assert.All(faults, fault => Assert.EndsWith("labels.json", fault.File));
    }

    private Task<List<TaskQuery>> ReadAsync(int perTask = 300, long skip = 0) =>
        Sources.ReadAsync($"natural-instructions:{folder.Path}", faults, new SourceOptions { PerTask = perTask }, skip);
}
