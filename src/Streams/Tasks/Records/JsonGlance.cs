using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace Orca.Streams.Tasks.Records;

/// <summary>
/// Looks at JSON records before they are drawn. Records with the same fields are understood alike, so that understanding is done once for
/// each set of fields and every other record is gone over by the reader alone.
/// </summary>
internal sealed class JsonGlance(RecordFields fields, string collection, TemplateChoice templates)
{
    /// <summary>What is said of a record that is no JSON.</summary>
    public const string NoJson = "The line is not valid JSON; expected one object with question and response, or prompt and answer.";

    private const int MostShapes = 10_000;
    private const string TemplateField = "template_type";

    private static ReadOnlySpan<byte> Blanks => " \t\r\n"u8;

    private readonly ConcurrentDictionary<ulong, JsonShape> shapes = new();
    private readonly ConcurrentDictionary<string, byte> unread = new();

    /// <summary>What the records of a batch hold.</summary>
    public Glances Of(RecordBatch batch)
    {
        var glances = new Glances();
        glances.Faults.AddRange(batch.Faults);
        var values = new List<JsonField>();
        foreach (var span in batch.Records)
        {
            if (span.IsTooLong)
            {
                glances.Faults.Add((span.Line, $"The line is over {RecordBatch.MaxBytes >> 20} MiB; expected one JSON object."));
                continue;
            }

            Look(batch, span, values, glances);
        }

        return glances;
    }

    private void Look(RecordBatch batch, RecordSpan span, List<JsonField> values, Glances glances)
    {
        var record = batch.Buffer.AsMemory(span.Start, span.Length);
        try
        {
            if (!JsonField.ReadAll(record.Span, values, out var key)
                && !(PythonNumbers.Erase(record.Span) && JsonField.ReadAll(record.Span, values, out key)))
            {
                glances.Faults.Add((span.Line, NoJson));
                return;
            }

            if (!shapes.TryGetValue(key, out var shape))
            {
                shape = ShapeOf(record, span.Line, values, glances);
                if (shapes.Count < MostShapes)
                {
                    shapes.TryAdd(key, shape);
                }
            }

            if (shape.IsPlain)
            {
                LookAt(record.Span, span.Line, shape, values, batch.Offset + span.Start, glances);
            }
            else
            {
                Understand(record, span, batch.Offset + span.Start, glances);
            }
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // No JSON, or a text of it is no valid Unicode.
            glances.Faults.Add((span.Line, NoJson));
        }
    }

    private void LookAt(
        ReadOnlySpan<byte> record, long line, JsonShape shape, List<JsonField> values, long offset, Glances glances)
    {
        if (!Utf8Text.IsValid(record))
        {
            glances.Faults.Add((line, NoJson));
            return;
        }

        if (IsLeftOut(shape.Template < 0 ? default : values[shape.Template].Of(record)))
        {
            glances.LeftOut++;
            return;
        }

        glances.Questions.Add(new Glance(
            offset, record.Length,
            shape.Collection >= 0 ? TextOf(values[shape.Collection].Of(record))
                : shape.Id >= 0 ? JsonRecord.CollectionOf(TextOf(values[shape.Id].Of(record))) : null,
            shape.Task >= 0 ? TextOf(values[shape.Task].Of(record)) : null,
            KeyOf(record, shape, values), shape.IsAnswered));
    }

    // Of the question and the system message that would be read, so that it is that of the same ones in a record of another form.
    private static ulong KeyOf(ReadOnlySpan<byte> record, JsonShape shape, List<JsonField> values)
    {
        var hash = new XxHash3();
        var isFirst = true;
        foreach (var piece in shape.Question)
        {
            var text = JsonText.Of(values[piece].Of(record)).Trim(Blanks);
            hash.Append(isFirst || text.IsEmpty ? default : "\n\n"u8);
            hash.Append(text);
            isFirst &= text.IsEmpty;
        }

        hash.Append("\0"u8);
        hash.Append(shape.System < 0 ? default : JsonText.Of(values[shape.System].Of(record)));
        return hash.GetCurrentHashAsUInt64();
    }

    // A record whose understanding depends on more than its fields' names: a conversation, several answers, a fault.
    private void Understand(Memory<byte> record, RecordSpan span, long offset, Glances glances)
    {
        using var json = JsonDocument.Parse(record);
        var read = JsonRecord.Read(json.RootElement, fields, collection, "");
        if (read.Query is not { } query)
        {
            glances.Faults.Add((span.Line, read.Fault!));
            return;
        }

        TellUnread(json.RootElement, read, span.Line, glances);
        if (json.RootElement.TryGetProperty(TemplateField, out var template) && IsLeftOut(Encoding.UTF8.GetBytes(template.GetRawText())))
        {
            glances.LeftOut++;
            return;
        }

        glances.Questions.Add(new Glance(
            offset, span.Length, query.Collection == collection ? null : query.Collection, query.Task.Length == 0 ? null : query.Task,
            XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{query.Prompt}\0{query.SystemMessage}")),
            query.Explanation is not null || !query.GoldAnswers.IsEmpty));
    }

    private JsonShape ShapeOf(Memory<byte> record, long line, List<JsonField> values, Glances glances)
    {
        using var json = JsonDocument.Parse(record);
        var root = json.RootElement;
        var read = JsonRecord.Read(root, fields, collection, "");
        if (read.Query is null)
        {
            return JsonShape.Other;
        }

        TellUnread(root, read, line, glances);
        return JsonShape.Of(root, fields, read.Read, values);
    }

    private void TellUnread(JsonElement record, RecordReading read, long line, Glances glances)
    {
        foreach (var name in fields.Unread(record, read.Read))
        {
            if (unread.TryAdd(name, 0))
            {
                glances.Faults.Add((line, $"The field '{name}' is not used; say what it is after the path, such as ?context={name}."));
            }
        }

        foreach (var name in record.EnumerateObject().GroupBy(field => field.Name).Where(same => same.Count() > 1).Select(same => same.Key))
        {
            if (unread.TryAdd(name, 0))
            {
                glances.Faults.Add((line, $"The field '{name}' is there twice; the last one is taken."));
            }
        }
    }

    private bool IsLeftOut(ReadOnlySpan<byte> template) => templates == TemplateChoice.ZeroShot && template.StartsWith("\"fs_"u8);

    private static string? TextOf(ReadOnlySpan<byte> raw) =>
        Encoding.UTF8.GetString(JsonText.Of(raw)) is var text && string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
