using System.Text.Json;
using System.Text.Json.Nodes;
using Orca.Cli.Daemon;
using Orca.Evaluation.Experiments;
using Orca.Streams.Storage;

namespace Orca.Cli.Experimenting;

/// <summary>Reads from a run's folder what its student has cost.</summary>
internal static class StudentEfforts
{
    /// <summary>The effort of a run that has ended.</summary>
    public static StudentEffort Of(string run)
    {
        var folder = new RunFolder(run);
        var steps = Steps(folder.Metrics);
        using var traces = StoredTraces.Open(folder.Traces);
        var states = traces.Count(new TraceFilter(), "state").ToDictionary(count => count.Name, count => count.Traces);
        return new StudentEffort(
            steps.Count == 0 ? 0 : steps.Keys.Last(), Sum(steps, "tokens"), Sum(steps, "teacher_tokens"), Sum(steps, "lessons"),
            states.Values.Sum(), states.GetValueOrDefault(nameof(TraceState.Accepted)),
            steps.Values.TakeLast(Math.Max(1, steps.Count / 10)).Select(step => (double?)step["loss"]).Where(loss => loss is not null)
                .DefaultIfEmpty(double.NaN).Average()!.Value);
    }

    /// <summary>The newest step of a run that may be under way, and its loss; null where there is none.</summary>
    public static (int Step, double? Loss)? Newest(string run)
    {
        try
        {
            using var file = new FileStream(new RunFolder(run).Metrics, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            file.Seek(-Math.Min(file.Length, 8_192), SeekOrigin.End);
            using var reader = new StreamReader(file);
            var lines = reader.ReadToEnd().Split('\n');
            // The last one is empty, or being written.
            return lines is [.., var newest, _] && JsonNode.Parse(newest) is { } step ? ((int)step["step"]!, (double?)step["loss"]) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    // A step that was made again after a kill counts once.
    private static SortedDictionary<int, JsonNode> Steps(string metrics)
    {
        var steps = new SortedDictionary<int, JsonNode>();
        foreach (var line in File.ReadLines(metrics).Where(line => line.EndsWith('}')))
        {
            var step = JsonNode.Parse(line)!;
            steps[(int)step["step"]!] = step;
        }

        return steps;
    }

    private static long Sum(SortedDictionary<int, JsonNode> steps, string field) => steps.Values.Sum(step => (long)step[field]!);
}
