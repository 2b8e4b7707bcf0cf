using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orca.Streams.Teachers.Batches;

/// <summary>
/// Where batches are remembered. A file is there whole or not at all, and flushed, so that whoever is killed goes on from its last step.
/// One process at a time, any thread.
/// </summary>
internal sealed class BatchFolder
{
    private const string StateEnd = ".batch.json";
    private const string AskedEnd = ".asked.jsonl";

    private readonly string path;
    private int last;

    /// <param name="path">The folder; made where it is missing.</param>
    public BatchFolder(string path)
    {
        this.path = Directory.CreateDirectory(path).FullName;
        last = States().Select(known => known.Number).DefaultIfEmpty().Max();
    }

    /// <summary>Batches whose answers are not all in the store, in the order of their numbers.</summary>
    public ImmutableArray<BatchState> Unsettled() => [.. States().Where(state => state.Step != BatchStep.Settled)];

    /// <summary>Remembers a new batch.</summary>
    public BatchState Add(IReadOnlyCollection<AskedRequest> asked)
    {
        var state = new BatchState
        {
            Number = Interlocked.Increment(ref last),
            Marker = Guid.NewGuid().ToString("N"),
            Requests = asked.Count,
        };
        Write(Name(state, AskedEnd), stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
            foreach (var request in asked)
            {
                writer.Write(JsonSerializer.Serialize(request) + "\n");
            }
        });
        return Remember(state);
    }

    /// <summary>Remembers how far a batch is.</summary>
    public BatchState Remember(BatchState state)
    {
        Write(FileOf(state), stream => JsonSerializer.Serialize(stream, state));
        return state;
    }

    /// <summary>The requests of a batch.</summary>
    /// <exception cref="TeacherException">Its file does not hold them.</exception>
    public ImmutableArray<AskedRequest> Asked(BatchState state)
    {
        var file = Name(state, AskedEnd);
        try
        {
            var asked = File.ReadLines(file)
                .Select(line => JsonSerializer.Deserialize<AskedRequest>(line) ?? throw new JsonException("a line is empty"))
                .ToImmutableArray();
            return state.Requests == 0 || asked.Length == state.Requests
                ? asked
                : throw new JsonException(string.Create(CultureInfo.InvariantCulture, $"{asked.Length} of {state.Requests} are there"));
        }
        catch (Exception failure) when (failure is JsonException or IOException)
        {
            throw new TeacherException(
                $"'{file}' does not hold the questions of its batch ({failure.Message.TrimEnd('.')}); restore it, or delete "
                    + $"{FileOf(state)} "
                    + "to ask them anew.",
                failure)
            { Fault = TeacherFault.Settings };
        }
    }

    /// <summary>Where the file of a batch's answers lies, or of its refused requests.</summary>
    public string Downloaded(BatchState state, bool isError) => Name(state, isError ? ".error.jsonl" : ".output.jsonl");

    /// <summary>Writes a file, whole or not at all.</summary>
    public static void Write(string file, Action<Stream> write)
    {
        var beside = file + ".part";
        using (var stream = new FileStream(beside, FileMode.Create))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, file, overwrite: true);
    }

    /// <summary>Writes a file, whole or not at all.</summary>
    public static async Task WriteAsync(string file, Func<Stream, Task> write)
    {
        var beside = file + ".part";
        await using (var stream = new FileStream(beside, FileMode.Create))
        {
            await write(stream);
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, file, overwrite: true);
    }

    /// <summary>The file that a batch is remembered by.</summary>
    public string FileOf(BatchState state) => Name(state, StateEnd);

    private IEnumerable<BatchState> States() => Directory.EnumerateFiles(path, "*" + StateEnd).Order(StringComparer.Ordinal)
        .Select(StateIn);

    private static BatchState StateIn(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<BatchState>(File.ReadAllText(file)) ?? throw new JsonException("it is empty");
        }
        catch (JsonException failure)
        {
            throw new TeacherException(
                $"'{file}' does not say how far its batch is ({failure.Message}); restore it, or delete it to ask its questions anew.",
                failure)
            { Fault = TeacherFault.Settings };
        }
    }

    private string Name(BatchState state, string end) =>
        Path.Combine(path, state.Number.ToString("D6", CultureInfo.InvariantCulture) + end);
}
