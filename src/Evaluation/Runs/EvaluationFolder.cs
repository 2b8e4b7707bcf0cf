using System.Collections.Immutable;
using System.Globalization;
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

    private readonly AppendedRecords<ItemRecord> records;

    private EvaluationFolder(string path, AppendedRecords<ItemRecord> records) =>
        (Path, Done, this.records) = (path, [.. records.Done], records);

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
            // Before anything is touched: it may be a folder of something else.
            Check(path, plan);
            // Whoever holds the records owns the folder.
            var records = new AppendedRecords<ItemRecord>(RecordsOf(path));
            try
            {
                // Again: another process may have begun it meanwhile.
                Check(path, plan);
                Begin(path, plan);
                return new EvaluationFolder(path, records);
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

    /// <summary>Begins a run in a new folder: of this name, or with a number behind it where that is taken.</summary>
    /// <param name="parent">Where the folder is made.</param>
    /// <param name="name">Its name.</param>
    /// <param name="plan">The plan.</param>
    /// <exception cref="EvaluationException">It cannot be made.</exception>
    public static EvaluationFolder New(string parent, string name, RunPlan plan)
    {
        for (var number = 1; ; number++)
        {
            var path = System.IO.Path.Combine(
                parent, number == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"));
            if (IsTaken(path))
            {
                continue;
            }

            return Open(path, plan);
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
        return
        [
            .. AppendedRecords<ItemRecord>.Read(RecordsOf(path)).OrderBy(record => record.Task, StringComparer.Ordinal)
                .ThenBy(record => record.Row).ThenBy(record => record.Repeat),
        ];
    }

    /// <summary>Appends an answer. Any thread.</summary>
    public void Add(ItemRecord record) => records.Add(record);

    /// <inheritdoc/>
    public void Dispose() => records.Dispose();

    // Whoever makes the records' file has the folder.
    private static bool IsTaken(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            new FileStream(RecordsOf(path), FileMode.CreateNew, FileAccess.Write).Dispose();
            return false;
        }
        catch (IOException) when (File.Exists(RecordsOf(path)))
        {
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new EvaluationException($"The run '{path}' cannot be made: {failure.Message}", failure);
        }
    }

    private static void Check(string path, RunPlan plan)
    {
        if (!File.Exists(System.IO.Path.Combine(path, PlanName)))
        {
            return;
        }

        var differences = string.Join(", ", plan.DifferencesTo(PlanOf(path)));
        if (differences.Length > 0)
        {
            throw new EvaluationException($"The run '{path}' was begun with another plan: {differences}; give --run another folder.");
        }
    }

    private static void Begin(string path, RunPlan plan)
    {
        var file = System.IO.Path.Combine(path, PlanName);
        if (!File.Exists(file))
        {
            WholeFile.Write(file, JsonSerializer.Serialize(plan, Form));
        }
    }
}
