using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orca.Streams.Answers;
using Orca.Streams.Tasks;
using Orca.Streams.Tests.Support;
using Orca.Tests.Shared;

namespace Orca.Streams.Tests.Answers;

/// <summary>A response of which it is known whether it is right.</summary>
internal sealed record GoldCase(string Source, string Style, string Response, ExpectedAnswer Expected, bool IsRight)
{
    /// <summary>Where an answer is in a style that the comparison was never mended by.</summary>
    public const string OtherStyles = "styles never mended by";
}

/// <summary>Responses of real models and real gold answers in the styles of teachers, with what is known of each.</summary>
internal static partial class GoldCases
{
    /// <summary>Every case of one half of the rows.</summary>
    /// <param name="half">0 for the rows that the comparison may be mended by, 1 for those that are only counted.</param>
    public static async IAsyncEnumerable<GoldCase> ReadAsync(int half)
    {
        foreach (var one in ModelOutputs(half).Concat(Solutions(half)).Concat(TrainSolutions(half)).Concat(Exemplars(half)).Concat(FewShot(half))
            .Concat(Tasks(half)))
        {
            yield return one;
        }

        foreach (var (folder, cap) in new[] { ("natural_instructions/tasks", 60), ("cl_benchmark/superni", 80), ("cl_benchmark/long_sequence", 180) })
        {
            var source = $"natural-instructions:{SharedData.Require(folder)}";
            await foreach (var one in StyledAsync(folder.Split('/')[^1] is "tasks" ? "natural instructions" : folder, source, half, cap))
            {
                yield return one;
            }
        }

        await foreach (var one in StyledAsync("flan cot", $"flan-cot:{SharedData.Require("flan_v2/cot_data")}", half))
        {
            yield return one;
        }
    }

    // code-davinci-002's direct answers; its authors' scorer compares the first line, without a final stop, as a string.
    private static IEnumerable<GoldCase> ModelOutputs(int half) =>
        from file in Directory.GetFiles(SharedData.Require("bbh_model_outputs/direct"), "*.json").Order(StringComparer.Ordinal)
        from row in Json(file).GetProperty("outputs").EnumerateArray().Select((row, index) => (row, index))
        where row.index % 2 == half
        let prompt = row.row.GetProperty("input").GetString()!
        let target = row.row.GetProperty("target").GetString()!
        let prediction = row.row.GetProperty("prediction").GetString()!
        let first = prediction.Split('\n')[0]
        select new GoldCase(
            "bbh model outputs", Path.GetFileNameWithoutExtension(file), prediction, Expected(prompt, target),
            (first.EndsWith('.') ? first[..^1] : first) == target);

    private static IEnumerable<GoldCase> Solutions(int half) =>
        from row in Lines("gsm8k/example_model_solutions.jsonl").Select((row, index) => (row, index))
        where row.index % 2 == half
        let gold = row.row.GetProperty("ground_truth").GetString()!.Split("A:")[^1].Trim()
        from model in row.row.EnumerateObject()
        where model.Value.ValueKind == JsonValueKind.Object
        select new GoldCase(
            "gsm8k model solutions", model.Name, model.Value.GetProperty("solution").GetString()!,
            Expected(row.row.GetProperty("question").GetString()!, gold), model.Value.GetProperty("is_correct").GetBoolean());

    private static IEnumerable<GoldCase> TrainSolutions(int half)
    {
        var rows = Lines("gsm8k/train_first3000.jsonl").Concat(Lines("gsm8k/test.jsonl"))
            .Select(row => (Prompt: row.GetProperty("question").GetString()!, Way: row.GetProperty("answer").GetString()!.Split("####")[0].Trim(),
                Gold: row.GetProperty("answer").GetString()!.Split("####")[1].Trim())).ToArray();
        for (var i = half; i < rows.Length; i += 2)
        {
            var (prompt, way, gold) = rows[i];
            var other = rows[(i + 2) % rows.Length].Gold;
            var expected = Expected(prompt, gold);
            var (style, response) = AnswerStyles.Write(i / 2, gold, way, other);
            yield return new GoldCase("gsm8k golds", style, response, expected, IsRight: true);
            if (other != gold)
            {
                yield return new GoldCase("gsm8k golds", style, AnswerStyles.Write(i / 2, other, way, gold).Response, expected, IsRight: false);
            }
        }
    }

    private static IEnumerable<GoldCase> Exemplars(int half)
    {
        foreach (var file in Directory.GetFiles(SharedData.Require("bbh/cot-prompts"), "*.txt").Order(StringComparer.Ordinal))
        {
            var solved = File.ReadAllText(file).Split("\nQ: ").Skip(1).Select(text => text.Split("A: Let's think step by step.")).ToArray();
            var golds = solved.Select(parts => Stated().Match(parts[1].Trim()).Groups["t"].Value.Trim()).ToArray();
            for (var i = half; i < solved.Length; i += 2)
            {
                foreach (var gold in golds.Distinct())
                {
                    yield return new GoldCase(
                        "bbh worked examples", Path.GetFileNameWithoutExtension(file), solved[i][1].Trim(), Expected(solved[i][0], gold), gold == golds[i]);
                }
            }
        }
    }

    // Explanations of AGIEval's few-shot prompts, whose samples are written as Python writes dictionaries.
    private static IEnumerable<GoldCase> FewShot(int half)
    {
        var rows = Csv(File.ReadAllText(SharedData.Require("agieval/few_shot_prompts.csv")));
        for (var i = 1; i + 1 < rows.Count; i += 2)
        {
            for (var column = 1 + half; column < rows[0].Count; column += 2)
            {
                var (sample, explanation) = (rows[i][column], rows[i + 1][column]);
                if (Label().Match(sample) is not { Success: true } label || !ClaimedLetter().IsMatch(explanation))
                {
                    continue;
                }

                foreach (var letter in "ABCD")
                {
                    yield return new GoldCase(
                        "agieval explanations", rows[0][column], explanation, Expected("?", $"{letter}"), label.Groups["t"].Value == $"{letter}");
                }
            }
        }
    }

    private static IEnumerable<GoldCase> Tasks(int half) =>
        from file in Directory.GetFiles(SharedData.Require("bbh/tasks"), "*.json").Order(StringComparer.Ordinal)
        let queries = Json(file).GetProperty("examples").EnumerateArray()
            .Select(row => (Prompt: row.GetProperty("input").GetString()!, Gold: row.GetProperty("target").GetString()!))
            .Select(row => Query(row.Prompt, row.Gold, Path.GetFileNameWithoutExtension(file))).ToArray()
        from one in Styled("bbh golds", queries, half)
        select one;

    private static async IAsyncEnumerable<GoldCase> StyledAsync(
        string name, string source, int half, int cap = SourceOptions.DefaultPerTask)
    {
        var queries = await Sources.ReadAsync(source, [], new SourceOptions { PerTask = cap });
        foreach (var one in queries.GroupBy(query => query.Task).SelectMany(task => Styled(name, [.. task], half)))
        {
            yield return one;
        }
    }

    // Every question in two styles: with its own gold answer, and with one of another question of its task.
    private static IEnumerable<GoldCase> Styled(string name, TaskQuery[] queries, int half)
    {
        for (var i = half; i < queries.Length; i += 2)
        {
            var query = queries[i];
            var own = query.GoldAnswers.Select(AnswerMatch.Fold).ToHashSet();
            var other = Enumerable.Range(1, queries.Length).Select(step => queries[(i + (step * 7)) % queries.Length].GoldAnswers[0])
                .FirstOrDefault(gold => !own.Contains(AnswerMatch.Fold(gold)));
            other = OtherOption(query, i) ?? other;
            for (var turn = 0; turn < 2; turn++)
            {
                var choice = (i / 2) + (turn * 13);
                var kind = query.AnswerKind;
                var gold = AnswerStyles.Spell(query.GoldAnswers[turn % query.GoldAnswers.Length], kind, query.Prompt, choice / 3);
                var wrong = AnswerStyles.Spell(other ?? "nothing", kind, query.Prompt, choice / 3);
                var why = query.Explanation?.Split("So the answer is")[0].Trim();
                foreach (var (answer, rejected, isRight) in new[] { (gold, wrong, true), (wrong, gold, false) })
                {
                    if (!isRight && other is null)
                    {
                        continue;
                    }

                    var (style, response) = AnswerStyles.Write(choice, answer, why, rejected);
                    yield return new GoldCase(name, $"{query.Task}: {style}", response, query.Expected, isRight);
                    if (half == 1 && turn == 0)
                    {
                        (style, response) = AnswerStyles.WriteUnseen(choice, answer, why, rejected);
                        yield return new GoldCase(GoldCase.OtherStyles, $"{query.Task}: {style}", response, query.Expected, isRight);
                    }
                }
            }
        }
    }

    // Another option of the same question is likelier than one of another question.
    private static string? OtherOption(TaskQuery query, int turn)
    {
        var gold = query.GoldAnswers[0];
        var isLetter = gold.Trim('(', ')').Length == 1;
        var others = OptionList.Of(query.Prompt)
            .Where(option => isLetter ? option.Letter != gold.Trim('(', ')')[0] : AnswerMatch.Fold(option.Text) != AnswerMatch.Fold(gold)).ToArray();
        return query.AnswerKind != AnswerKind.MultipleChoice || others.Length == 0 ? null
            : isLetter ? $"({others[turn % others.Length].Letter})"
            : others[turn % others.Length].Text;
    }

    private static TaskQuery Query(string prompt, string gold, string task) => new()
    {
        Id = "",
        Collection = "",
        Task = task,
        Prompt = prompt,
        GoldAnswers = [gold],
        AnswerKind = AnswerForm.KindOf(prompt, [gold]),
    };

    private static ExpectedAnswer Expected(string prompt, string gold) => new(AnswerForm.KindOf(prompt, [gold]), [gold], prompt);

    private static JsonElement Json(string path) => JsonElement.Parse(File.ReadAllBytes(path));

    private static IEnumerable<JsonElement> Lines(string path) =>
        File.ReadLines(SharedData.Require(path)).Select(line => JsonElement.Parse(line));

    private static List<List<string>> Csv(string text)
    {
        List<List<string>> rows = [[]];
        var field = new StringBuilder();
        var isQuoted = false;
        foreach (var sign in text.ReplaceLineEndings("\n").TrimEnd('\n'))
        {
            switch (sign)
            {
                case '"':
                    isQuoted = !isQuoted;
                    field.Append(isQuoted && field.Length > 0 ? "\"" : "");
                    break;
                case ',' when !isQuoted:
                case '\n' when !isQuoted:
                    rows[^1].Add(field.ToString());
                    field.Clear();
                    if (sign == '\n')
                    {
                        rows.Add([]);
                    }

                    break;
                default:
                    field.Append(sign);
                    break;
            }
        }

        rows[^1].Add(field.ToString());
        return rows;
    }

    [GeneratedRegex(@"the answer is:?\s*(?<t>[^\n]*?)\.?\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex Stated();

    [GeneratedRegex(@"['""]label['""]: ['""](?<t>[A-E])['""]")]
    private static partial Regex Label();

    // Only those that name a letter as right at all.
    [GeneratedRegex(@"\banswer is:? \(?[A-E]\b|\([A-E]\)[^.]{0,60} the correct answer|[Cc]hoice \$?[A-E]\$? is (?:correct|the best)")]
    private static partial Regex ClaimedLetter();
}
