using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Orca.Streams.Tasks.Indexing;
using Orca.Streams.Tasks.Records;

namespace Orca.Streams.Tasks;

/// <summary>The questions of one collection in the files of a source, drawn as the paper's Algorithm 1 does.</summary>
/// <remarks>
/// A task uniformly, then one of its questions without replacement; a task that is used up leaves. The order depends on the seed and the
/// questions alone. A file that changes while questions are drawn is a fault, and gives no more of them.
/// </remarks>
public sealed class FileSource : ITaskSource
{
    private readonly SourceIndex index;
    private readonly IRecordForm form;
    private readonly SourceOptions options;
    private readonly ImmutableArray<IndexedTask> tasks;

    internal FileSource(string name, string collection, SourceIndex index, IRecordForm form, SourceOptions options)
    {
        (Name, Collection, this.index, this.form, this.options) = (name, collection, index, form, options);
        tasks = [.. index.About.Tasks.Where(task => task.Collection == collection)];
        Fingerprint = $"{index.About.Fingerprint} {options.Seed} {options.IsShuffled} {options.PerTask}";
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Collection { get; }

    /// <inheritdoc/>
    public string? Fingerprint { get; }

    /// <summary>What became of the records of its files, those of other collections included.</summary>
    public SourceCounts Counts => index.About.Counts;

    /// <summary>Its tasks, each with the number of questions that it gives.</summary>
    public IEnumerable<(string Task, long Questions)> Tasks => tasks.Select(task => (task.Task, MostOf(task)));

    /// <inheritdoc/>
    public ImmutableArray<string>? TaskNames => [.. tasks.Select(task => task.Task)];

    /// <inheritdoc/>
    public long? Questions => tasks.Sum(MostOf);

    /// <inheritdoc/>
    public async IAsyncEnumerable<TaskQuery?> ReadAsync(
        long skip, IProgress<SourceFault> faults, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lost = new HashSet<int>();
        foreach (var (task, number) in Draws(skip))
        {
            cancellationToken.ThrowIfCancellationRequested();

            // Nothing is waited for: a question is one small read.
            yield return Read(task, number, lost, faults);
        }

        await Task.CompletedTask;
    }

    // Which question of which task, in order.
    private IEnumerable<(IndexedTask Task, long Number)> Draws(long skip)
    {
        var random = SeededRandom.Of(options.Seed);
        var live = Enumerable.Range(0, tasks.Length).ToList();
        var drawn = new long[tasks.Length];
        var orders = tasks.Select(
            (task, number) => options.IsShuffled ? new SeededOrder(task.Count, options.Seed, number) : null).ToArray();
        while (live.Count > 0)
        {
            var place = random.Next(live.Count);
            var task = live[place];
            if (drawn[task] == MostOf(tasks[task]))
            {
                live.RemoveAt(place);
                continue;
            }

            var number = drawn[task]++;
            if (skip > 0)
            {
                skip--;
                continue;
            }

            yield return (tasks[task], orders[task]?.At(number) ?? number);
        }
    }

    private long MostOf(IndexedTask task) => task.Collection == SourceKinds.NaturalInstructions
        ? Math.Min(task.Count, options.PerTask)
        : task.Count;

    private TaskQuery? Read(IndexedTask task, long number, HashSet<int> lost, IProgress<SourceFault> faults)
    {
        var file = -1;
        try
        {
            var row = index.RowOf(task, number);
            file = row.File;
            if (lost.Contains(file))
            {
                return null;
            }

            var about = index.About.Files[file];
            var (query, fault, _) = form.Read(index.Read(row), about.Head, form.Collection, about.File.Task);
            if (query is null)
            {
                faults.Report(new SourceFault(about.File.Path, 0, fault!));
            }

            return query;
        }
        catch (IOException failure)
        {
            lost.Add(file);
            faults.Report(new SourceFault(file < 0 ? Name : index.About.Files[file].File.Path, 0, failure.Message));
            return null;
        }
    }
}
