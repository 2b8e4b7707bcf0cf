using System.Collections.Immutable;
using System.Text.Json;
using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Recordings;

/// <summary>Reads stored outputs by what the file holds, whatever its name is.</summary>
public static class RecordedFiles
{
    /// <summary>The forms that are known, for help texts and messages.</summary>
    public const string Forms = "BIG-Bench Hard's outputs (.json), lm-evaluation-harness's samples_*.jsonl, GSM8K's marked solutions, "
        + "records of this evaluator (.jsonl), or lines with 'input', 'prediction' and 'target'";

    // What a run keeps beside its answers.
    private static readonly ImmutableArray<string> OfRuns = ["plan.json", "report.json", "judgements.json", "judgements.jsonl"];

    private static readonly ImmutableArray<IRecordedForm> Known =
        [new ItemRecordForm(), new LmEvalForm(), new GsmSolutionsForm(), new PlainLinesForm()];

    /// <summary>The files of these paths; a folder stands for what is in it, records of accuracies are left out.</summary>
    /// <exception cref="EvaluationException">A path is not there, or a folder holds nothing of the kind.</exception>
    public static ImmutableArray<string> Find(IEnumerable<string> paths) =>
    [
        .. paths.SelectMany(path => PublishedFile.Find("stored outputs", path, ".json", ".jsonl"))
            .Where(path => !RecordedAccuracy.Is(path) && !OfRuns.Contains(Path.GetFileName(path))),
    ];

    /// <summary>Reads one.</summary>
    /// <exception cref="EvaluationException">It cannot be read, or its form is not known.</exception>
    public static RecordedFile Read(string path)
    {
        var text = PublishedFile.Text(path);
        if (BigBenchOutputs.TryRead(path, text) is { } outputs)
        {
            return outputs;
        }

        var whole = WithoutCutLine(text);
        var lines = PublishedFile.Lines(path, whole).ToList();
        if (lines.Count == 0)
        {
            throw new EvaluationException($"'{path}' holds no output; give {Forms}.");
        }

        var form = Known.FirstOrDefault(form => form.Is(lines[0].Object))
            ?? throw new EvaluationException($"'{path}' is of no form that is known; give {Forms}.");
        try
        {
            return form.Read(path, lines) with { IsCut = whole.Length < text.Length };
        }
        catch (Exception failure) when (failure is InvalidOperationException or KeyNotFoundException or JsonException or FormatException)
        {
            throw new EvaluationException($"'{path}' is damaged: {failure.Message}", failure);
        }
    }

    // A kill cuts the last line at most: an object that has begun, without its end and the line's.
    private static string WithoutCutLine(string text)
    {
        var last = text.LastIndexOf('\n') + 1;
        return last > 0 && last < text.Length && text[last] == '{' && !IsJson(text[last..]) ? text[..last] : text;
    }

    private static bool IsJson(string line)
    {
        try
        {
            JsonDocument.Parse(line).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
