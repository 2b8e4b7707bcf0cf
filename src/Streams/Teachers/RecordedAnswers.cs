using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Orca.Streams.Tasks;

namespace Orca.Streams.Teachers;

/// <summary>The answers of a JSONL file. Only where each one lies is kept, 40 bytes an answer.</summary>
internal sealed class RecordedAnswers : IDisposable
{
    private static readonly string[] Questions = ["question", "prompt", "instruction"];
    private static readonly string[] Answers = ["response", "answer", "output"];
    private readonly Dictionary<UInt128, (long Offset, int Length)> places = [];
    private readonly SafeFileHandle file;

    private RecordedAnswers(SafeFileHandle file) => this.file = file;

    public static async Task<RecordedAnswers> OpenAsync(string path, IProgress<SourceFault> faults, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new TaskFormatException($"There is no file '{path}'; give a JSONL file of recorded answers.");
        }

        var answers = new RecordedAnswers(File.OpenHandle(path));
        await foreach (var line in TextLines.ReadAsync(path, faults, cancellationToken))
        {
            if (line.Bytes.Span.IndexOfAnyExcept(" \t"u8) >= 0 && !answers.Add(line))
            {
                faults.Report(new SourceFault(
                    path, line.Number, "The line holds no recorded answer; expected an object with id or question, and response."));
            }
        }

        return answers;
    }

    public string? Find(TeacherRequest request)
    {
        if (!places.TryGetValue(KeyOf(request.Id), out var place)
            && !places.TryGetValue(KeyOf(request.Query.Id), out place)
            && !places.TryGetValue(KeyOf(request.Query.Prompt), out place))
        {
            return null;
        }

        var line = new byte[place.Length];
        var read = RandomAccess.Read(file, line, place.Offset);
        PythonNumbers.Erase(line);
        using var record = JsonDocument.Parse(line.AsMemory(0, read));
        return First(record.RootElement, Answers);
    }

    public void Dispose() => file.Dispose();

    private bool Add(TextLine line)
    {
        try
        {
            PythonNumbers.Erase(line.Bytes.Span);
            using var record = JsonDocument.Parse(line.Bytes);
            if (record.RootElement.ValueKind != JsonValueKind.Object || First(record.RootElement, Answers) is null)
            {
                return false;
            }

            var place = (line.Offset, line.Bytes.Length);
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
            if (record.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text)
            {
                return text;
            }
        }

        return null;
    }
}
