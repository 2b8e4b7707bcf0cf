using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Orca.Streams.Answers;

namespace Orca.Streams.Tasks;

/// <summary>Natural Instructions: JSON files of one task each, with its definition and its instances.</summary>
/// <remarks>
/// The prompt is the definition, an empty line and the instance's input; the gold answers are its outputs. Of a task that
/// has been opened only its definition and where its instances lie are kept, so that a collection of any size may be drawn from.
/// </remarks>
public sealed class NaturalInstructionsSource : ITaskSource
{
    /// <summary>The paper's cap: a task gives no more questions than this.</summary>
    public const int DefaultPerTask = 300;

    private readonly IReadOnlyList<(string Path, string Task)> files;
    private readonly int perTask;
    private readonly long seed;

    /// <summary>The task of one JSON file, or those of all <c>.json</c> files of a folder.</summary>
    /// <param name="path">File or folder.</param>
    /// <param name="perTask">Instances taken of each task, the first ones of its file; 1 or more.</param>
    /// <param name="seed">Decides in which order the tasks are drawn.</param>
    /// <exception cref="TaskFormatException">There is no such path, or the folder holds no JSON file.</exception>
    public NaturalInstructionsSource(string path, int perTask = DefaultPerTask, long seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perTask, 1);
        files = TaskFiles.Find(path, ".json", "Natural Instructions' tasks (JSON files with Definition and Instances)");
        this.perTask = perTask;
        this.seed = seed;
        Name = $"natural-instructions:{path}";
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Collection => "niv2";

    /// <inheritdoc/>
    public IAsyncEnumerable<TaskQuery> ReadAsync(long skip, IProgress<SourceFault> faults, CancellationToken cancellationToken)
    {
        var tasks = files
            .Select(
                file => new Func<CancellationToken, IAsyncEnumerable<TaskQuery>>(token => ReadTaskAsync(
                    file.Path, file.Task, faults, token)))
            .ToList();
        return TaskInterleaving.ReadAsync(tasks, seed, skip, cancellationToken);
    }

    private async IAsyncEnumerable<TaskQuery> ReadTaskAsync(
        string path, string task, IProgress<SourceFault> faults, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var index = await IndexAsync(path, faults, cancellationToken);
        if (index is null)
        {
            yield break;
        }

        foreach (var place in index.Instances)
        {
            using var file = TaskFiles.Open(path, faults);
            if (file is null)
            {
                yield break;
            }

            yield return ReadInstance(file, place, index, task);
        }
    }

    private async Task<NaturalInstructionsIndex?> IndexAsync(
        string path, IProgress<SourceFault> faults, CancellationToken cancellationToken)
    {
        try
        {
            var json = await File.ReadAllBytesAsync(path, cancellationToken);
            PythonNumbers.Erase(json);
            return NaturalInstructionsIndex.Of(json, perTask, (line, message) => faults.Report(new SourceFault(path, line, message)));
        }
        catch (JsonException failure)
        {
            faults.Report(new SourceFault(
                path, (failure.LineNumber ?? 0) + 1, "The file is not valid JSON; expected a task with Definition and Instances."));
        }
        catch (InvalidOperationException)
        {
            faults.Report(new SourceFault(
                path, 1, "A text of the file is no valid Unicode; expected a task with Definition and Instances as UTF-8."));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            faults.Report(new SourceFault(path, 0, $"The file cannot be read: {failure.Message}"));
        }

        return null;
    }

    private TaskQuery ReadInstance(SafeFileHandle file, InstancePlace place, NaturalInstructionsIndex index, string task)
    {
        var json = new byte[place.Length];
        var read = RandomAccess.Read(file, json, place.Offset);
        PythonNumbers.Erase(json);
        using var instance = JsonDocument.Parse(json.AsMemory(0, read));
        var input = instance.RootElement.GetProperty("input").GetString()!.Trim();
        var outputs = NaturalInstructionsIndex.OutputsOf(instance.RootElement.GetProperty("output"));
        var prompt = index.Definition.Length == 0 ? input : $"{index.Definition}\n\n{input}";
        return new TaskQuery
        {
            Id = TaskQuery.IdOf(Collection, task, prompt, outputs[0]),
            Collection = Collection,
            Task = task,
            Prompt = prompt,
            GoldAnswers = outputs,
            AnswerKind = index.Kind ?? AnswerForm.KindOf(prompt, outputs),
        };
    }
}
