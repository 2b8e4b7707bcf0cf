using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Orca.Streams.Tasks;

/// <summary>
/// JSONL files: one question with its recorded answer a line, read line by line in order. A file that is one JSON list of such records
/// is read too.
/// </summary>
/// <remarks>
/// Forms are told apart by their fields (<see cref="RecordFields"/>). OpenOrca: <c>id, system_prompt, question, response</c>; the id's
/// beginning (<c>flan.</c>, <c>niv.</c>, <c>t0.</c>, <c>cot.</c>) names the collection. Instructions, as Alpaca and Dolly have them:
/// <c>instruction</c>, <c>input</c> or <c>context</c>, <c>output</c> or <c>response</c>. Conversations of one question: <c>messages</c> of
/// <c>role</c> and <c>content</c>, or <c>conversations</c> of <c>from</c> and <c>value</c>. FLAN's sub-mixes: <c>inputs, targets,
/// task_name</c>. Plain: <c>prompt</c> or <c>question</c>, with <c>context</c> or <c>passage</c>, <c>answer</c>, <c>completion</c>,
/// <c>explanation, system_prompt, collection, task</c>. A question without any answer is one for a live teacher. Any other form is read by
/// what a path says after a question mark: <c>file.jsonl?question=FIELD&amp;answer=FIELD</c>.
/// </remarks>
public sealed class JsonLinesSource : ITaskSource
{
    // Looked through for one that is an object, when a source is opened.
    private const int RecordsLookedAt = 20;

    private readonly IReadOnlyList<(string Path, string Task)> files;
    private readonly RecordFields fields;
    private readonly ConcurrentDictionary<string, byte> unread = new();

    /// <summary>The questions of one file, or of all <c>.jsonl</c> files of a folder, one file after the other.</summary>
    /// <param name="path">The file or folder, with what its fields are after a question mark where they have names of their own.</param>
    /// <exception cref="TaskFormatException">
    /// There is no such path, the folder holds no JSONL file, or a file's records have no field that is known to be a question.
    /// </exception>
    public JsonLinesSource(string path)
    {
        var (place, said) = Split(path);
        fields = RecordFields.Parse(said);
        files = TaskFiles.Find(place, ".jsonl", "questions with recorded answers (JSONL)");
        Name = $"jsonl:{path}";
        foreach (var (file, _) in files)
        {
            Check(file);
        }
    }

    /// <summary>Path of the files, and what is said of their fields; a file may have a question mark in its name.</summary>
    internal static (string Path, string Fields) Split(string path) =>
        !System.IO.Path.Exists(path) && path.LastIndexOf('?') is > 0 and var mark ? (path[..mark], path[(mark + 1)..]) : (path, "");

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>What the mixture weighs the whole source by; its questions may name collections of their own.</summary>
    public string Collection => "jsonl";

    /// <inheritdoc/>
    public async IAsyncEnumerable<TaskQuery> ReadAsync(
        long skip, IProgress<SourceFault> faults, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (path, task) in files)
        {
            await foreach (var line in JsonRecords.ReadAsync(path, faults, cancellationToken))
            {
                var (query, fault) = Parse(line, task, name => faults.Report(new SourceFault(
                    path, line.Number, $"The field '{name}' is not used; say what it is after the path, such as ?context={name}.")));
                if (fault is not null)
                {
                    faults.Report(new SourceFault(path, line.Number, fault));
                }
                else if (skip-- <= 0)
                {
                    yield return query!;
                }
            }
        }
    }

    private void Check(string file)
    {
        foreach (var line in JsonRecords.ReadAsync(file, new Progress<SourceFault>(), default).ToBlockingEnumerable().Take(RecordsLookedAt))
        {
            if (RecordIn(line) is not { } record)
            {
                continue;
            }

            using (record)
            {
                if (record.RootElement.ValueKind == JsonValueKind.Object && !JsonRecord.IsKnown(record.RootElement, fields))
                {
                    var names = record.RootElement.EnumerateObject().Take(20).Select(field => $"'{field.Name}'");
                    throw new TaskFormatException(
                        $"The records of '{file}' have the fields {string.Join(", ", names)}, none of which is known to be a question; say "
                            + $"what they are: jsonl:{file}?question=FIELD&answer=FIELD, with any of the roles {RecordFields.Roles}.");
                }
            }

            return;
        }
    }

    private (TaskQuery? Query, string? Fault) Parse(TextLine line, string task, Action<string> tellUnread)
    {
        if (line.TooLong)
        {
            return (null, $"The line is over {TextLines.MaxBytes >> 20} MiB; expected one JSON object.");
        }

        try
        {
            using var record = RecordIn(line);
            if (record is not null)
            {
                var read = JsonRecord.Read(record.RootElement, fields, Collection, task);
                foreach (var name in read.Query is null ? [] : fields.Unread(record.RootElement, read.Read))
                {
                    if (unread.TryAdd(name, 0))
                    {
                        tellUnread(name);
                    }
                }

                return (read.Query, read.Fault);
            }
        }
        catch (InvalidOperationException)
        {
            // A string of it is no valid Unicode.
        }

        return (null, "The line is not valid JSON; expected one object with question and response, or prompt and answer.");
    }

    // Null where it is no JSON.
    private static JsonDocument? RecordIn(TextLine line)
    {
        try
        {
            PythonNumbers.Erase(line.Bytes.Span);
            return JsonDocument.Parse(line.Bytes);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
