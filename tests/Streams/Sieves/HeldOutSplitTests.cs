using System.Text;
using System.Text.Json;
using Orca.Streams.Sieves;
using Orca.Streams.Tasks;
using Orca.Streams.Tests.Support;
using Orca.Tests.Shared;

namespace Orca.Streams.Tests.Sieves;

/// <summary>One rule, by content: no question that is held out is trained on, wherever else it stands.</summary>
public sealed class HeldOutSplitTests : IDisposable
{
    private static readonly HeldOutSplit Split = new(10);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_is_held_out_is_never_given_and_nothing_else_is_lost()
    {
        await using var sampler = new TaskSampler([ListSource.Of("a", 2000)], new SamplerOptions { IsLeftOut = Split.IsHeldOut });

        var given = await ReadAsync(sampler);

        Assert.DoesNotContain(given, Split.IsHeldOut);
        Assert.InRange(2000 - given.Count, 150, 250);
    }

    [Theory]
    [InlineData("How many eggs are in 3 boxes of 4?", "  how many EGGS are in\t3 boxes of 4 ?\n")]
    [InlineData("Is it \"true\"?", "Is it ‘true’？")]
    public void White_space_case_and_punctuation_do_not_matter(string one, string other) =>
        Assert.Equal(QuestionText.KeyOf(one), QuestionText.KeyOf(other));

    [Fact]
    public void Questions_of_the_same_words_and_other_signs_are_held_out_apart() => Assert.InRange(
        Enumerable.Range(0, 256).Count(number => Split.IsHeldOut(Questions.Of(
            "c", "Complete the sequence: " + string.Concat(Enumerable.Range(0, 8).Select(bit => (number >> bit) % 2 == 0 ? '(' : '[')), "x"))),
        10, 45);

    [Fact]
    public async Task No_question_of_the_real_data_is_trained_on_by_another_file_or_form()
    {
        var flan = SharedData.Require("flan_v2/cot_data");
        var tasks = SharedData.Require("natural_instructions/tasks");
        string[] specs =
        [
            $"flan-cot:{flan}", $"natural-instructions:{tasks}", $"natural-instructions:{SharedData.Require("cl_benchmark/superni")}",
            $"natural-instructions:{SharedData.Require("cl_benchmark/long_sequence")}",
            $"jsonl:{SharedData.Require("gsm8k/train_first3000.jsonl")}", $"jsonl:{SharedData.Require("gsm8k/test.jsonl")}",
            .. new[] { "alpaca_en_demo", "gpteacher_codegen", "gpteacher_roleplay", "kto_en_demo" }
                .Select(name => $"jsonl:{SharedData.Require($"traces/{name}.json")}"),
        ];
        var once = (await Task.WhenAll(specs.Select(spec => Sources.ReadAsync(spec, [])))).SelectMany(queries => queries).ToList();

        // The same once more: copied files under other names, and every question as a row, in other white space and case.
        CopyAll(flan, folder["copies/flan"]);
        CopyAll(tasks, folder["copies/tasks"]);
        await File.WriteAllLinesAsync(
            folder["rows.jsonl"],
            once.Select((query, number) => JsonSerializer.Serialize(new
            {
                instruction = number % 2 == 0 ? query.Prompt.ToUpperInvariant() : "",
                input = number % 2 == 0 ? "" : $"  {query.Prompt.Replace(" ", " \t", StringComparison.Ordinal)}",
                output = "x",
            })),
            TestContext.Current.CancellationToken);
        await using var sampler = new TaskSampler(
            [
                .. specs.Append($"flan-cot:{folder["copies/flan"]}").Append($"natural-instructions:{folder["copies/tasks"]}")
                    .Append($"jsonl:{folder["rows.jsonl"]}").SelectMany(spec => TaskSpec.Of(spec).Open()),
            ],
            new SamplerOptions { IsLeftOut = Split.IsHeldOut });

        var heldOut = once.Where(Split.IsHeldOut).Select(query => Bare(query.Prompt)).ToHashSet();
        var given = await ReadAsync(sampler);

        Assert.True(heldOut.Count > 4000, $"{heldOut.Count} are held out");
        Assert.True(given.Count > 90_000, $"{given.Count} are given");
        Assert.DoesNotContain(given, query => heldOut.Contains(Bare(query.Prompt)));
        TestContext.Current.TestOutputHelper?.WriteLine($"{heldOut.Count} held out, {given.Count} trained on, 0 of them held out");
    }

    // As a reader would compare two questions: without white space and case.
    private static string Bare(string prompt) => new StringBuilder(prompt.Length)
        .Append([.. prompt.Where(letter => !char.IsWhiteSpace(letter)).Select(char.ToLowerInvariant)]).ToString();

    private static void CopyAll(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, "copy_of_" + Path.GetFileName(file)));
        }
    }

    private static async Task<List<TaskQuery>> ReadAsync(TaskSampler sampler)
    {
        var given = new List<TaskQuery>();
        while (await sampler.NextAsync(Mixture.Even, TestContext.Current.CancellationToken) is { } query)
        {
            given.Add(query);
        }

        return given;
    }
}
