using Orca.Model.Gguf;
using Orca.Model.Weights;

namespace Orca.Model.Checkpoints;

/// <summary>Which model a path means, and what it is where it means none.</summary>
public static class ModelPath
{
    private const string HubPrefix = "models--";
    private const string SnapshotsName = "snapshots";

    /// <summary>
    /// The model's folder or GGUF file: the path itself, or the snapshot in use of a folder <c>models--organisation--name</c> of the
    /// hub's cache. Null where it is no model.
    /// </summary>
    public static string? Find(string path) =>
        GgufCheckpoint.Find(path) ?? (File.Exists(Path.Combine(path, CheckpointLayout.ConfigName)) ? path : Snapshot(path));

    /// <summary>Why a path is no model, and what helps.</summary>
    public static ModelFormatException Fault(string path) => new($"'{path}' {Reason(path)}");

    private static string Reason(string path)
    {
        const string Wanted = "a model is a folder with config.json, weights and tokenizer, or a file whose name ends in .gguf";
        if (File.Exists(path))
        {
            return FileKind.Of(path) is { } kind ? kind + "." : $"is a file; {Wanted}.";
        }

        if (!Directory.Exists(path))
        {
            return path.EndsWith(GgufCheckpoint.Extension, StringComparison.OrdinalIgnoreCase)
                ? "does not exist; name a GGUF file or a model's folder."
                : $"is not a folder; {Wanted}.";
        }

        var names = Directory.EnumerateFileSystemEntries(path)
            .Select(entry => Path.GetFileName(entry)!).Order(StringComparer.Ordinal).ToList();
        return names.Count == 0 ? $"is empty; {Wanted}."
            : names.Contains("adapter_config.json")
                ? "is an adapter (LoRA), which changes another model and is none itself; merge it into its base (merge_and_unload of "
                    + "peft) and name the merged model."
            : Snapshots(path) is { Count: > 1 } snapshots
                ? $"holds {snapshots.Count} snapshots of a model and no refs/main that says which one is meant; name one, such as "
                    + $"'{snapshots[0]}'."
            : names.Find(name => name.StartsWith(HubPrefix, StringComparison.Ordinal)) is { } cached
                ? $"is a cache of the hub, not a model; name the model in it, such as '{Path.Combine(path, cached)}'."
            : names.FindAll(name => name.EndsWith(GgufCheckpoint.Extension, StringComparison.OrdinalIgnoreCase)) is [var one, .., var another]
                ? $"has several GGUF files, such as '{one}' and '{another}'; name the one to open."
            : names.Exists(ShardedWeights.IsWeights) ? $"holds weights, but no {CheckpointLayout.ConfigName}; put the model's there: "
                + $"{Wanted}."
            : $"holds no {CheckpointLayout.ConfigName}; {Wanted}.";
    }

    private static string? Snapshot(string path)
    {
        var snapshots = Snapshots(path);
        var reference = Path.Combine(path, "refs", "main");
        var used = File.Exists(reference) ? Path.Combine(path, SnapshotsName, File.ReadAllText(reference).Trim()) : null;
        return used is not null && snapshots.Contains(used) ? used : snapshots is [var only] ? only : null;
    }

    private static List<string> Snapshots(string path)
    {
        var folder = Path.Combine(path, SnapshotsName);
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateDirectories(folder).Where(snapshot => File.Exists(Path.Combine(snapshot, CheckpointLayout.ConfigName))).Order(StringComparer.Ordinal)]
            : [];
    }
}
