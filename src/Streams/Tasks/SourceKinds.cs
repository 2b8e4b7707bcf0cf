using System.Collections.Immutable;
using Orca.Streams.Tasks.Files;
using Orca.Streams.Tasks.Indexing;
using Orca.Streams.Tasks.Records;

namespace Orca.Streams.Tasks;

/// <summary>Opens sources of files by their kind.</summary>
internal static class SourceKinds
{
    /// <summary>The collection of Natural Instructions, whose tasks have a cap.</summary>
    public const string NaturalInstructions = "niv2";

    // Smaller sources are gone over in less than a second.
    private const long KeptFrom = 64L << 20;

    private static readonly string[] Lines = [".jsonl", ".ndjson"];

    /// <summary>The kinds.</summary>
    public static ImmutableArray<string> All { get; } = ["flan-cot", "natural-instructions", "jsonl", "csv", "parquet"];

    /// <summary>The path of a source, and what is said of its fields; a file may have a question mark in its name.</summary>
    public static (string Path, string Fields) Split(string kind, string path) =>
        FormOf(kind, "", default) is JsonForm && !SourceFiles.Exists(path) && path.LastIndexOf('?') is > 0 and var mark
            ? (path[..mark], path[(mark + 1)..])
            : (path, "");

    /// <summary>The questions of a path: a source for each collection that they name.</summary>
    /// <param name="kind">One of <see cref="All"/>.</param>
    /// <param name="path">The path, with what its fields are after a question mark.</param>
    /// <param name="options">How they are drawn.</param>
    /// <param name="faults">Hears of what is no question, or not used.</param>
    /// <param name="progress">Hears how far the files have been gone over.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="TaskFormatException">There is no such path or file, or its records are of no form that is known.</exception>
    public static ImmutableArray<FileSource> Open(
        string kind, string path, SourceOptions options, IProgress<SourceFault> faults, IProgress<IndexingProgress>? progress,
        CancellationToken cancellationToken)
    {
        var (place, said) = Split(kind, path);
        var form = FormOf(kind, said, options.Templates)!;
        var files = SourceFiles.Find(place, form.Endings, form.What);
        if (files.Count > IndexRow.MostFiles)
        {
            throw new TaskFormatException($"'{place}' has {files.Count} files; at most {IndexRow.MostFiles} are read as one source.");
        }

        if (SourceFiles.NotRead(place, form.Endings) is { Count: > 0 } others)
        {
            faults.Report(new SourceFault(place, 0, $"The folder holds {others.Count} files of other forms, which are not read, such as "
                + $"'{others[0]}'; give their paths as sources of their own."));
        }

        var index = IndexOf(files, form, options, progress, cancellationToken);
        foreach (var fault in index.About.Faults)
        {
            faults.Report(fault);
        }

        var collections = index.About.Tasks.Select(task => task.Collection).Distinct().DefaultIfEmpty(form.Collection).ToList();
        return
        [
            .. collections.Select(collection => new FileSource(
                collection == form.Collection ? $"{kind}:{path}" : $"{kind}:{path}#{collection}", collection, index, form, options)),
        ];
    }

    private static IRecordForm? FormOf(string kind, string said, TemplateChoice templates) => kind switch
    {
        "flan-cot" => new FlanCotForm(),
        "natural-instructions" => new NaturalInstructionsForm(),
        "jsonl" => new JsonForm(kind, Lines, RecordFields.Parse(said), templates),
        "csv" => new JsonForm(kind, [".csv", ".tsv"], RecordFields.Parse(said), templates),
        "parquet" => new JsonForm(kind, [".parquet"], RecordFields.Parse(said), templates),
        _ => null,
    };

    private static SourceIndex IndexOf(
        IReadOnlyList<SourceFile> files, IRecordForm form, SourceOptions options, IProgress<IndexingProgress>? progress,
        CancellationToken cancellationToken)
    {
        var kept = options.CacheFolder is { } folder ? new IndexFile(folder) : null;
        var open = new OpenFiles();
        Spool NewSpool(string name) => kept is null
            ? new Spool(Spool.TemporaryPath(name))
            : new Spool(kept.SpoolPath(Path.GetFileName(name)), mayBeKept: true);
        var opening = new TextOpening(open, NewSpool, form.IsTable);
        if (kept?.Open(files, IndexBuilder.SettingsOf(form, options), opening, open, cancellationToken) is { } known)
        {
            return known;
        }

        var (index, texts) = new IndexBuilder(form, options, opening, NewSpool).Build(files, progress, cancellationToken);
        if (kept is null || texts.Sum(text => text.Length) < KeptFrom)
        {
            return index;
        }

        kept.Keep(index, files, texts);
        index.Rows.Dispose();
        index.Order.Dispose();
        return kept.Open(files, index.About.Settings, opening, open, cancellationToken)
            ?? throw new IOException("The index of the source cannot be read again: a file of it has changed meanwhile; start again.");
    }
}
