using System.Text.Json;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Recordings;

/// <summary>Records of this evaluator's own runs.</summary>
internal sealed class ItemRecordForm : IRecordedForm
{
    public bool Is(JsonElement first) =>
        PublishedFile.TextOrNull(first, "suite") is not null && PublishedFile.TextOrNull(first, "response") is not null;

    public RecordedFile Read(string path, IReadOnlyList<(int Line, JsonElement Object)> lines)
    {
        var records = lines.Select(line => line.Object.Deserialize<ItemRecord>(EvaluationFolder.Form)!).ToList();
        return new RecordedFile(
            path, [.. records.Select(record => new RecordedAnswer(record.Key, record.Response, record.Expected, record.IsRight))])
        {
            RecordedAccuracy = (double)records.Count(record => record.IsRight) / records.Count * 100,
        };
    }
}
