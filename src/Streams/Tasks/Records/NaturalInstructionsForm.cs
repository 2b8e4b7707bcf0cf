using System.Buffers;
using System.IO.Hashing;
using System.Text.Json;
using Orca.Streams.Answers;
using Orca.Streams.Tasks.Files;

namespace Orca.Streams.Tasks.Records;

/// <summary>Natural Instructions: JSON files of one task each, with its definition and its instances.</summary>
/// <remarks>The prompt is the definition, an empty line and the instance's input; the gold answers are its outputs.</remarks>
internal sealed class NaturalInstructionsForm : IRecordForm
{
    private const int MaxFileBytes = 256 << 20;
    private const string Expected = "expected a task with Definition and Instances";

    /// <inheritdoc/>
    public string Collection => "niv2";

    /// <inheritdoc/>
    public string[] Endings => [".json"];

    /// <inheritdoc/>
    public string What => "Natural Instructions' tasks (JSON files with Definition and Instances)";

    /// <inheritdoc/>
    public string Settings => "natural-instructions 1";

    /// <inheritdoc/>
    public IEnumerable<RecordBatch> Cut(PlainFile text)
    {
        // The whole file: its definition may stand behind its instances.
        var length = (int)Math.Min(text.Length, MaxFileBytes + 1);
        var batch = new RecordBatch(ArrayPool<byte>.Shared.Rent(Math.Max(length, 1)), 0);
        batch.Records.Add(new RecordSpan(0, text.Read(batch.Buffer.AsSpan(0, length), 0), 1));
        if (length > MaxFileBytes)
        {
            batch.Records.Clear();
            batch.Faults.Add((0, $"The file is over {MaxFileBytes >> 20} MiB; {Expected}, in one file a task."));
        }

        yield return batch;
    }

    /// <inheritdoc/>
    public Glances Glance(RecordBatch batch)
    {
        var glances = new Glances();
        glances.Faults.AddRange(batch.Faults);
        if (batch.Records is not [var whole])
        {
            return glances;
        }

        var json = batch.Buffer.AsMemory(0, whole.Length);
        PythonNumbers.Erase(json.Span);
        try
        {
            var index = NaturalInstructionsIndex.Of(json, (line, message) => glances.Faults.Add((line, message)));
            glances.Head = index is null ? null : new RecordHead(index.Definition, index.Kind);
            foreach (var place in index?.Instances ?? [])
            {
                var instance = json.Span.Slice((int)place.Offset, place.Length);
                glances.Questions.Add(
                    new Glance(place.Offset, place.Length, null, null, XxHash3.HashToUInt64(instance), IsAnswered: true));
            }
        }
        catch (JsonException failure)
        {
            glances.Faults.Add(((failure.LineNumber ?? 0) + 1, $"The file is not valid JSON; {Expected}."));
        }
        catch (InvalidOperationException)
        {
            glances.Faults.Add((1, $"A text of the file is no valid Unicode; {Expected} as UTF-8."));
        }

        return glances;
    }

    /// <inheritdoc/>
    public RecordReading Read(Memory<byte> record, RecordHead? head, string collection, string task)
    {
        PythonNumbers.Erase(record.Span);
        using var instance = JsonDocument.Parse(record);
        var input = instance.RootElement.GetProperty("input").GetString()!.Trim();
        var outputs = NaturalInstructionsIndex.OutputsOf(instance.RootElement.GetProperty("output"));
        var prompt = head is null or { Definition: "" } ? input : $"{head.Definition}\n\n{input}";
        return new RecordReading(
            new TaskQuery
            {
                Id = TaskQuery.IdOf(collection, task, prompt, outputs[0]),
                Collection = collection,
                Task = task,
                Prompt = prompt,
                GoldAnswers = outputs,
                AnswerKind = head?.Kind ?? AnswerForm.KindOf(prompt, outputs),
            },
            null, []);
    }
}
