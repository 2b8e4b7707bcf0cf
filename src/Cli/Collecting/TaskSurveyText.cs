using System.Globalization;
using System.Text;
using System.Text.Json;
using Orca.Cli.Display;

namespace Orca.Cli.Collecting;

/// <summary>Writes a survey, for people or for programs.</summary>
internal static class TaskSurveyText
{
    private const int TasksShown = 10;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <summary>One fact a line.</summary>
    public static string Table(TaskSurvey survey)
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        foreach (var source in survey.Sources)
        {
            Line(source.Counts is null
                ? $"{source.Name}: collection {source.Collection}, questions without end"
                : $"{source.Name}: collection {source.Collection}, {Number(source.Tasks.Sum(task => task.Questions))} questions of "
                    + $"{Number(source.Tasks.Length)} tasks");
            if (source.Counts is { } counts)
            {
                Line($"  of its files' records {Number(counts.Faulty)} cannot be used, {Number(counts.FewShot)} have worked examples, "
                    + $"{Number(counts.Excluded)} are of tasks left out, {Number(counts.Twins)} have an answered twin");
            }

            foreach (var (task, questions) in source.Tasks.OrderByDescending(task => task.Questions).Take(TasksShown))
            {
                Line($"  {task,-40} {Number(questions),12}");
            }

            if (source.Tasks.Length > TasksShown)
            {
                Line($"  and {Number(source.Tasks.Length - TasksShown)} tasks more");
            }
        }

        Line($"of {Number(survey.Drawn)} questions drawn {Number(survey.PromptTokens.Length)} would be asked"
            + string.Concat(survey.LeftOut.Select(pair => $", {Number(pair.Value)} {pair.Key}")));
        if (!survey.PromptTokens.IsEmpty)
        {
            Line($"prompts: {Number(At(survey, 0.5))} tokens (median), {Number(At(survey, 0.9))} (of ten nine have no more), "
                + $"{Number(survey.PromptTokens[^1])} (longest); {Number(survey.TooLong)} leave no room for an answer in a lesson");
        }

        Line("system messages by collection:");
        foreach (var (message, count) in survey.Messages)
        {
            Line(string.Create(
                CultureInfo.InvariantCulture, $"  {message,-40} {count,12:N0} {100.0 * count / survey.PromptTokens.Length,6:0.0} %"));
        }

        foreach (var price in survey.Prices)
        {
            Line(price.IsOfJudge
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"{price.Endpoint}: to judge the answers to a thousand questions costs at most {price.Most:0.00####} USD")
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{price.Endpoint}: a thousand questions cost {price.Prompts:0.00####} USD, "
                        + $"with their answers at most {price.Most:0.00####}"));
        }

        return TerminalText.Harmless(text.ToString());
    }

    /// <summary>Everything, as a JSON object.</summary>
    public static string ToJson(TaskSurvey survey) => JsonSerializer.Serialize(
        new
        {
            sources = survey.Sources.Select(source => new
            {
                source.Name,
                source.Collection,
                source.Counts,
                tasks = source.Tasks.Select(task => new { task.Task, task.Questions }),
            }),
            survey.Drawn,
            asked = survey.PromptTokens.Length,
            survey.LeftOut,
            survey.Messages,
            promptTokens = survey.PromptTokens.IsEmpty
                ? null
                : new { median = At(survey, 0.5), ninetieth = At(survey, 0.9), longest = survey.PromptTokens[^1] },
            survey.TooLong,
            survey.Prices,
        },
        Json);

    private static int At(TaskSurvey survey, double share) => survey.PromptTokens[(int)(share * (survey.PromptTokens.Length - 1))];

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
