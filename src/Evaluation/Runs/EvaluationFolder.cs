using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Runs;

/// <summary>
/// A run on disk: <c>plan.json</c>, and <c>records.jsonl</c> to which each answer is appended as one line when it is given. A kill loses
/// at most the answers that are under way; the line that it cut in two is taken off by the next start.
/// </summary>
public sealed class EvaluationFolder : IDisposable
{
    /// <summary>How records are written, in one form everywhere.</summary>
    public static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        IgnoreReadOnlyProperties = true,
    };

    private const string PlanName = "plan.json";
    private const string RecordsName = "records.jsonl";

    private readonly Lock gate = new();
    private readonly FileStream records;

    private EvaluationFolder(string path, ImmutableArray<ItemRecord> done, FileStream records) =>
        (Path, Done, this.records) = (path, done, records);

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>The answers that were there when it was opened.</summary>
    public ImmutableArray<ItemRecord> Done { get; }

    /// <summary>The records' file of a folder.</summary>
    public static string RecordsOf(string folder) => System.IO.Path.Combine(folder, RecordsName);

    /// <summary>Opens a folder to go on with a plan, or begins it. Another process cannot write to it meanwhile.</summary>
    /// <exception cref="EvaluationException">It holds a run of another plan, is damaged, or another process writes to it.</exception>
    public static EvaluationFolder Open(string path, RunPlan plan)
    {
        try
        {
            Directory.CreateDirectory(path);
            // First: whoever holds the records owns the folder.
            var records = new FileStream(RecordsOf(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            try
            {
                Check(path, plan);
                return new EvaluationFolder(path, [.. TakeOver(records)], records);
            }
            catch
            {
                records.Dispose();
                throw;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new EvaluationException($"The run '{path}' cannot be opened: {failure.Message}", failure);
        }
    }

    /// <summary>The plan of a run.</summary>
    /// <exception cref="EvaluationException">There is no run.</exception>
    public static RunPlan PlanOf(string path)
    {
        var file = System.IO.Path.Combine(path, PlanName);
        try
        {
            return JsonSerializer.Deserialize<RunPlan>(File.ReadAllText(file), Form) ?? throw new JsonException("it is empty.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new EvaluationException(
                $"'{path}' holds no run of 'orca eval run': {failure.Message} Give the folder that its --run named.", failure);
        }
    }

    /// <summary>All answers of a run, in the order of the suite.</summary>
    /// <exception cref="EvaluationException">There is no run, or it is damaged.</exception>
    public static ImmutableArray<ItemRecord> Read(string path)
    {
        PlanOf(path);
        using var records = new FileStream(RecordsOf(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return [.. Lines(records, path).Select(line => line.Record).OrderBy(record => record.Task, StringComparer.Ordinal)
            .ThenBy(record => record.Row).ThenBy(record => record.Repeat)];
    }

    /// <summary>Appends an answer. Any thread.</summary>
    public void Add(ItemRecord record)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(record, Form);
        lock (gate)
        {
            // One write a record, so that a kill cuts at most one.
            records.Write([.. line, (byte)'\n']);
            records.Flush();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        records.Flush(flushToDisk: true);
        records.Dispose();
    }

    private static void Check(string path, RunPlan plan)
    {
        var file = System.IO.Path.Combine(path, PlanName);
        if (!File.Exists(file))
        {
            File.WriteAllText($"{file}.part", JsonSerializer.Serialize(plan, Form));
            File.Move($"{file}.part", file, overwrite: true);
            return;
        }

        var differences = string.Join(", ", plan.DifferencesTo(PlanOf(path)));
        if (differences.Length > 0)
        {
            throw new EvaluationException($"The run '{path}' was begun with another plan: {differences}; give --run another folder.");
        }
    }

    private static List<ItemRecord> TakeOver(FileStream records)
    {
        var done = new List<ItemRecord>();
        var end = 0L;
        foreach (var (record, ends) in Lines(records, records.Name))
        {
            done.Add(record);
            end = ends;
        }

        records.SetLength(end);
        records.Seek(0, SeekOrigin.End);
        return done;
    }

    // A last line without an end was cut by a kill and counts for nothing.
    private static IEnumerable<(ItemRecord Record, long Ends)> Lines(FileStream file, string name)
    {
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        var start = 0;
        for (var number = 1; Array.IndexOf(bytes, (byte)'\n', start) is >= 0 and var end; number++)
        {
            yield return (Record(bytes.AsSpan(start, end - start), name, number), end + 1);
            start = end + 1;
        }
    }

    private static ItemRecord Record(ReadOnlySpan<byte> line, string name, int number)
    {
        try
        {
            return JsonSerializer.Deserialize<ItemRecord>(line, Form) ?? throw new JsonException("it is empty.");
        }
        catch (JsonException failure)
        {
            throw new EvaluationException($"Line {number} of '{name}' is no record: {failure.Message} Move the file away.", failure);
        }
    }
}
