using System.Collections.Immutable;
using System.IO.Enumeration;
using System.IO.Hashing;
using System.Text;
using Orca.Streams.Tasks.Files;
using Orca.Streams.Tasks.Records;

namespace Orca.Streams.Tasks.Indexing;

/// <summary>
/// Goes over the files of a source once and notes where every question lies. One thread reads and cuts, others look at the records; memory
/// is that of a few batches, whatever the size of the files.
/// </summary>
/// <param name="form">How the files are read.</param>
/// <param name="options">Which questions are left out.</param>
/// <param name="opening">Opens the files.</param>
/// <param name="spools">Makes a spool for what is noted, by a name.</param>
internal sealed class IndexBuilder(IRecordForm form, SourceOptions options, TextOpening opening, Func<string, Spool> spools)
{
    // Of each file; a count tells of the others.
    private const int MostFaults = 100;

    private readonly Dictionary<(string Collection, string Task), int> tasks = [];
    private readonly List<(string Collection, string Task)> names = [];
    private readonly List<bool> isExcluded = [];
    private readonly List<SourceFault> faults = [];
    private long faulty;
    private long fewShot;
    private long excluded;
    private long unanswered;

    /// <summary>The index of files, and the texts that it needs.</summary>
    /// <param name="files">The files.</param>
    /// <param name="progress">Hears of bytes gone over, of how many.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">What is noted cannot be written.</exception>
    /// <exception cref="TaskFormatException">A file's records are of no form that is known.</exception>
    public (SourceIndex Index, ImmutableArray<PlainFile> Texts) Build(
        IReadOnlyList<SourceFile> files, IProgress<IndexingProgress>? progress, CancellationToken cancellationToken)
    {
        var (rows, order) = (spools("rows"), spools("order"));
        using var noted = spools("facts");
        var facts = new RowFacts(noted);
        var texts = ImmutableArray.CreateBuilder<PlainFile>();
        var indexed = ImmutableArray.CreateBuilder<IndexedFile>();
        var total = files.Sum(file => LengthOf(file.Path));
        var done = 0L;
        foreach (var file in files)
        {
            var (text, about) = Read(
                file, texts.Count, rows, facts, within => progress?.Report(new IndexingProgress(file.Path, done + within, total)),
                cancellationToken);
            done += LengthOf(file.Path);
            texts.Add(text);
            indexed.Add(about);
        }

        var twins = Twins.Find(facts, unanswered);
        var found = TaskOrder.Of(names, facts, twins, order);
        var header = new IndexHeader
        {
            Settings = SettingsOf(form, options),
            Files = indexed.ToImmutable(),
            Tasks = found,
            Faults = [.. faults],
            Counts = new SourceCounts(
                found.Sum(task => task.Count), faulty, fewShot, excluded, twins?.Cast<bool>().LongCount(isTwin => isTwin) ?? 0),
            Fingerprint = FingerprintOf(indexed, SettingsOf(form, options)),
            RowsLength = rows.Length,
            OrderLength = order.Length,
        };
        return (new SourceIndex(header, texts.ToImmutable(), rows, order), texts.ToImmutable());
    }

    /// <summary>What an index depends on besides the files.</summary>
    public static string SettingsOf(IRecordForm form, SourceOptions options) =>
        $"{form.Settings} without [{string.Join(", ", options.ExcludedTasks)}]";

    private static string FingerprintOf(IEnumerable<IndexedFile> files, string settings)
    {
        var hash = new XxHash128();
        hash.Append(Encoding.UTF8.GetBytes(settings));
        foreach (var file in files)
        {
            hash.Append(Encoding.UTF8.GetBytes($"\0{file.File.Task}\0{file.Hash}"));
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static long LengthOf(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;

    private (PlainFile Text, IndexedFile About) Read(
        SourceFile file, int number, Spool rows, RowFacts facts, Action<long> tell, CancellationToken cancellationToken)
    {
        var told = 0;
        var ofFile = 0L;
        void Fault(long line, string message)
        {
            ofFile++;
            if (++told <= MostFaults)
            {
                faults.Add(new SourceFault(file.Path, line, message));
            }
        }

        PlainFile text = new TextInMemory(default);
        RecordHead? head = null;
        var hash = "";
        FileStamp? stamp = null;
        try
        {
            (text, stamp) = opening.Open(file.Path, Fault, cancellationToken);
            form.Check(text, file.Path);
            var hashing = new HashingFile(text);
            foreach (var glances in Glances(hashing, cancellationToken))
            {
                head = glances.Head ?? head;
                fewShot += glances.LeftOut;
                glances.Faults.ForEach(fault => Fault(fault.Line, fault.Message));
                glances.Questions.ForEach(question => Note(question, file.Task, number, rows, facts));
                tell(hashing.Position);
            }

            hash = hashing.Hash();
        }
        catch (IOException failure)
        {
            Fault(0, failure is FileChangedException ? failure.Message : $"The file cannot be read: {failure.Message}");
        }

        if (told > MostFaults)
        {
            faults.Add(new SourceFault(file.Path, 0, $"{told - MostFaults} more records of the file cannot be used."));
        }

        faulty += ofFile;
        var sample = stamp is null ? "" : FileSample.Of(file.Path);
        return (text, new IndexedFile(file, stamp ?? default, sample, hash, head) { Spool = (text as Spool)?.Path });
    }

    // In order, a few batches ahead.
    private IEnumerable<Glances> Glances(PlainFile text, CancellationToken cancellationToken)
    {
        var ahead = new Queue<Task<Glances>>();
        foreach (var batch in form.Cut(text))
        {
            ahead.Enqueue(Task.Run(
                () =>
                {
                    using (batch)
                    {
                        return form.Glance(batch);
                    }
                },
                CancellationToken.None));
            cancellationToken.ThrowIfCancellationRequested();
            if (ahead.Count > Environment.ProcessorCount)
            {
                yield return ahead.Dequeue().GetAwaiter().GetResult();
            }
        }

        while (ahead.TryDequeue(out var glances))
        {
            yield return glances.GetAwaiter().GetResult();
        }
    }

    private void Note(Glance question, string taskOfFile, int file, Spool rows, RowFacts facts)
    {
        var name = (question.Collection ?? form.Collection, question.Task ?? taskOfFile);
        if (!tasks.TryGetValue(name, out var task))
        {
            task = tasks[name] = names.Count;
            names.Add(name);
            isExcluded.Add(options.ExcludedTasks.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name.Item2)));
        }

        if (isExcluded[task])
        {
            excluded++;
            return;
        }

        Span<byte> row = stackalloc byte[IndexRow.Bytes];
        new IndexRow(file, question.Offset, question.Length).Write(row);
        rows.Append(row);
        unanswered += question.IsAnswered ? 0 : 1;
        facts.Add(new RowFact(task, question.IsAnswered, question.Key));
    }
}
