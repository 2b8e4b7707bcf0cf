using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orca.Streams.Tasks;
using Orca.Streams.Tasks.Files;
using Orca.Streams.Tasks.Records;

namespace Orca.Streams.Teachers;

/// <summary>The answers of a file of JSON objects. Only where each one lies is kept, 40 bytes an answer.</summary>
internal sealed class RecordedAnswers : IDisposable
{
    private static readonly string[] Questions = ["question", "prompt", "instruction"];
    private static readonly string[] Answers = ["response", "answer", "output"];
    private readonly Dictionary<UInt128, (long Offset, int Length)> places = [];
    private readonly OpenFiles open = new();
    private readonly PlainFile text;

    private RecordedAnswers(string path, IProgress<SourceFault> faults, CancellationToken cancellationToken)
    {
        var opening = new TextOpening(open, name => new Spool(Spool.TemporaryPath(name)));
        text = opening.Open(path, (line, message) => faults.Report(new SourceFault(path, line, message)), cancellationToken).Text;
        foreach (var batch in ListCutter.IsList(text) ? ListCutter.Cut(text) : LineCutter.Cut(text))
        {
            using (batch)
            {
                cancellationToken.ThrowIfCancellationRequested();
                batch.Faults.ForEach(fault => faults.Report(new SourceFault(path, fault.Line, fault.Message)));
                foreach (var span in batch.Records.Where(span => !Add(batch, span)))
                {
                    faults.Report(new SourceFault(
                        path, span.Line, "The line holds no recorded answer; expected an object with id or question, and response."));
                }
            }
        }
    }

    public static Task<RecordedAnswers> OpenAsync(string path, IProgress<SourceFault> faults, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new TaskFormatException($"There is no file '{path}'; give a JSONL file of recorded answers.");
        }

        return Task.Run(() => Open(path, faults, cancellationToken), cancellationToken);
    }

    /// <summary>The answer to a request; null for none.</summary>
    /// <exception cref="IOException">The file cannot be read any more.</exception>
    public string? Find(TeacherRequest request)
    {
        if (!places.TryGetValue(KeyOf(request.Id), out var place)
            && !places.TryGetValue(KeyOf(request.Query.Id), out place)
            && !places.TryGetValue(KeyOf(request.Query.Prompt), out place))
        {
            return null;
        }

        var line = new byte[place.Length];
        var read = text.Read(line, place.Offset);
        PythonNumbers.Erase(line);
        using var record = JsonDocument.Parse(line.AsMemory(0, read));
        return First(record.RootElement, Answers);
    }

    public void Dispose()
    {
        text.Dispose();
        open.Dispose();
    }

    private static RecordedAnswers Open(string path, IProgress<SourceFault> faults, CancellationToken cancellationToken)
    {
        try
        {
            return new RecordedAnswers(path, faults, cancellationToken);
        }
        catch (IOException failure)
        {
            throw new TaskFormatException($"The recorded answers cannot be read: {failure.Message}");
        }
    }

    private bool Add(RecordBatch batch, RecordSpan span)
    {
        if (span.IsTooLong)
        {
            return false;
        }

        try
        {
            var bytes = batch.Buffer.AsMemory(span.Start, span.Length);
            PythonNumbers.Erase(bytes.Span);
            using var record = JsonDocument.Parse(bytes);
            if (record.RootElement.ValueKind != JsonValueKind.Object || First(record.RootElement, Answers) is null)
            {
                return false;
            }

            var place = (batch.Offset + span.Start, span.Length);
            var id = First(record.RootElement, ["id"]);
            var question = First(record.RootElement, Questions);
            if (id is not null)
            {
                places[KeyOf(id)] = place;
            }

            if (question is not null)
            {
                places[KeyOf(question)] = place;
            }

            return id is not null || question is not null;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static UInt128 KeyOf(string text) =>
        BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text.Trim())));

    private static string? First(JsonElement record, string[] names)
    {
        foreach (var name in names)
        {
            if (record.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
                && value.GetString() is { Length: > 0 } text)
            {
                return text;
            }
        }

        return null;
    }
}
