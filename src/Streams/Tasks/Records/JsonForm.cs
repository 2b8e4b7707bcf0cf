using System.Text.Json;
using Orca.Streams.Tasks.Files;

namespace Orca.Streams.Tasks.Records;

/// <summary>JSON objects, one a line or the elements of one list: a question with its answer each.</summary>
/// <remarks>
/// Forms are told apart by their fields (<see cref="RecordFields"/>). OpenOrca: <c>id, system_prompt, question, response</c>; the id's
/// beginning (<c>flan.</c>, <c>niv.</c>, <c>t0.</c>, <c>cot.</c>) names the collection. Instructions, as Alpaca and Dolly have them:
/// <c>instruction</c>, <c>input</c> or <c>context</c>, <c>output</c> or <c>response</c>. Conversations of one question: <c>messages</c> of
/// <c>role</c> and <c>content</c>, or <c>conversations</c> of <c>from</c> and <c>value</c>. FLAN's sub-mixes: <c>inputs, targets,
/// task_name, template_type</c>. Plain: <c>prompt</c> or <c>question</c>, with <c>context</c> or <c>passage</c>, <c>answer</c>,
/// <c>completion</c>, <c>explanation, system_prompt, collection, task</c>. A question without any answer is one for a live teacher.
/// </remarks>
/// <param name="kind">The kind of source, which names the collection.</param>
/// <param name="endings">What the names of a folder's files end in.</param>
/// <param name="fields">Which field is what.</param>
/// <param name="templates">Which of FLAN's templates are read.</param>
internal sealed class JsonForm(string kind, string[] endings, RecordFields fields, TemplateChoice templates) : IRecordForm
{
    private readonly JsonGlance glance = new(fields, kind, templates);

    /// <inheritdoc/>
    public string Collection => kind;

    /// <inheritdoc/>
    public string[] Endings => endings;

    /// <inheritdoc/>
    public string What => $"questions with recorded answers ({string.Join(", ", endings)})";

    /// <inheritdoc/>
    public bool IsTable => kind == "csv";

    /// <inheritdoc/>
    public string Settings => $"json 1 {fields.Text} {templates}";

    /// <inheritdoc/>
    public IEnumerable<RecordBatch> Cut(PlainFile text) => ListCutter.IsList(text) ? ListCutter.Cut(text) : LineCutter.Cut(text);

    /// <inheritdoc/>
    public Glances Glance(RecordBatch batch) => glance.Of(batch);

    /// <inheritdoc/>
    public RecordReading Read(Memory<byte> record, RecordHead? head, string collection, string task)
    {
        try
        {
            PythonNumbers.Erase(record.Span);
            using var json = JsonDocument.Parse(record);
            return JsonRecord.Read(json.RootElement, fields, collection, task);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return new RecordReading(null, JsonGlance.NoJson, []);
        }
    }

    /// <inheritdoc/>
    public void Check(PlainFile text, string path)
    {
        foreach (var batch in Cut(text).Take(1))
        {
            using (batch)
            {
                Check(batch, path);
            }
        }
    }

    private void Check(RecordBatch batch, string path)
    {
        foreach (var span in batch.Records.Where(span => !span.IsTooLong))
        {
            if (FieldsOf(batch.Buffer.AsSpan(span.Start, span.Length).ToArray()) is not (var names, var isKnown))
            {
                continue;
            }

            if (isKnown)
            {
                return;
            }

            throw new TaskFormatException(
                $"The records of '{path}' have the fields {names}, none of which is known to be a question; say what they are: "
                    + $"{kind}:{path}?question=FIELD&answer=FIELD, with any of the roles {RecordFields.Roles}.");
        }

        if (batch.Records.Count > 0)
        {
            throw new TaskFormatException(
                $"None of the {batch.Records.Count} records that '{path}' begins with is a JSON object; expected one a line, or one list "
                    + "of them.");
        }
    }

    // Null where it is no object.
    private (string Names, bool IsKnown)? FieldsOf(Memory<byte> record)
    {
        try
        {
            PythonNumbers.Erase(record.Span);
            using var json = JsonDocument.Parse(record);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? (JsonRecord.NamesIn(json.RootElement), JsonRecord.IsKnown(json.RootElement, fields))
                : null;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
