using System.Globalization;
using System.Text;
using Orca.Streams.Storage;

namespace Orca.Cli.Traces;

/// <summary>Says of an export what it is, in the form that the Hugging Face hub shows.</summary>
internal static class DatasetCard
{
    /// <summary>The card.</summary>
    /// <param name="file">The file of the rows.</param>
    /// <param name="rows">How many there are.</param>
    /// <param name="byTeacher">Its traces by who answered.</param>
    /// <param name="byCollection">Its traces by collection.</param>
    /// <param name="made">When.</param>
    public static string Of(
        string file, long rows, IReadOnlyList<TraceCount> byTeacher, IReadOnlyList<TraceCount> byCollection, DateTimeOffset made)
    {
        var card = new StringBuilder();
        card.AppendLine(
            CultureInfo.InvariantCulture,
            $"""
             ---
             configs:
             - config_name: default
               data_files: {Path.GetFileName(file)}
             task_categories:
             - text-generation
             tags:
             - synthetic
             - distillation
             ---

             # {Path.GetFileNameWithoutExtension(file)}

             {rows} answers of teachers to questions, exported {made:yyyy-MM-dd} by Orca. Fields as in OpenOrca: `id`, `system_prompt`,
             `question`, `response` (without the teacher's reasoning). The terms of the teachers and of the questions' sources hold.
             """);
        Append(card, "Teacher", byTeacher);
        Append(card, "Collection", byCollection);
        return card.ToString();
    }

    private static void Append(StringBuilder card, string head, IReadOnlyList<TraceCount> counts)
    {
        card.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"| {head} | answers | answer tokens | USD |")
            .AppendLine("|---|---|---|---|");
        foreach (var count in counts)
        {
            card.AppendLine(
                CultureInfo.InvariantCulture, $"| {count.Name} | {count.Traces} | {count.CompletionTokens} | {count.Cost:0.00####} |");
        }
    }
}
