using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Orca.Streams.Tasks;

/// <summary>
/// JSONL files: one question with its recorded answer a line, read line by line in order. A file that is one JSON list of such records
/// is read too.
/// </summary>
/// <remarks>
/// Four forms, told apart by their fields. OpenOrca: <c>id, system_prompt, question, response</c>; the id's beginning
/// (<c>flan.</c>, <c>niv.</c>, <c>t0.</c>, <c>cot.</c>) names the collection. Instructions: <c>instruction, input, output</c> or
/// <c>response</c>. Conversations of one question: <c>messages</c> of <c>role</c> and <c>content</c>. Plain: <c>prompt</c> or <c>question</c>, <c>answer</c>, and where present <c>explanation, system_prompt,
/// collection, task</c>. A question without any answer is one for a live teacher.
/// </remarks>
public sealed class JsonLinesSource : ITaskSource
{
    private readonly IReadOnlyList<(string Path, string Task)> files;

    /// <summary>The questions of one file, or of all <c>.jsonl</c> files of a folder, one file after the other.</summary>
    /// <exception cref="TaskFormatException">There is no such path, or the folder holds no JSONL file.</exception>
    public JsonLinesSource(string path)
    {
        files = TaskFiles.Find(path, ".jsonl", "questions with recorded answers (JSONL)");
        Name = $"jsonl:{path}";
    }

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
                var (query, fault) = Parse(line, task);
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

    private (TaskQuery? Query, string? Fault) Parse(TextLine line, string task)
    {
        if (line.TooLong)
        {
            return (null, $"The line is over {TextLines.MaxBytes >> 20} MiB; expected one JSON object.");
        }

        try
        {
            PythonNumbers.Erase(line.Bytes.Span);
            using var record = JsonDocument.Parse(line.Bytes);
            return JsonRecord.Read(record.RootElement, Collection, task);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string of it is no valid Unicode.
            return (null, "The line is not valid JSON; expected one object with question and response, or prompt and answer.");
        }
    }
}
