using System.Runtime.CompilerServices;
using System.Text;
using Orca.Streams.Answers;

namespace Orca.Streams.Tasks;

/// <summary>FLAN's chain-of-thought data: TSV files without a header, of question, answer and explanation; one file is one task.</summary>
/// <remarks>
/// Line breaks are written as the two characters <c>\n</c>. The explanation that a recorded teacher answers with ends in
/// "So the answer is …." made from the answer column.
/// </remarks>
public sealed class FlanCotSource : ITaskSource
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly IReadOnlyList<(string Path, string Task)> files;
    private readonly long seed;

    /// <summary>The tasks of one TSV file, or of all <c>.tsv</c> files of a folder.</summary>
    /// <param name="path">File or folder.</param>
    /// <param name="seed">Decides in which order the tasks are drawn.</param>
    /// <exception cref="TaskFormatException">There is no such path, or the folder holds no TSV file.</exception>
    public FlanCotSource(string path, long seed = 0)
    {
        files = TaskFiles.Find(path, ".tsv", "FLAN's chain-of-thought data (TSV files of question, answer, explanation)");
        this.seed = seed;
        Name = $"flan-cot:{path}";
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Collection => "cot";

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
        await foreach (var line in TextLines.ReadAsync(path, faults, cancellationToken))
        {
            if (line.Bytes.IsEmpty && !line.TooLong)
            {
                continue;
            }

            var (query, fault) = Parse(line, task);
            if (query is not null)
            {
                yield return query;
            }
            else
            {
                faults.Report(new SourceFault(path, line.Number, fault!));
            }
        }
    }

    private (TaskQuery? Query, string? Fault) Parse(TextLine line, string task)
    {
        if (line.TooLong)
        {
            return (null, $"The line is over {TextLines.MaxBytes >> 20} MiB; expected question, answer and explanation.");
        }

        string text;
        try
        {
            text = StrictUtf8.GetString(line.Bytes.Span);
        }
        catch (DecoderFallbackException)
        {
            return (null, "The line is not UTF-8; expected question, answer and explanation as UTF-8 text.");
        }

        var columns = text.Split('\t');
        if (columns.Length != 3)
        {
            return (null, $"The line has {columns.Length} tab-separated columns; expected 3: question, answer, explanation.");
        }

        var (question, answer, explanation) = (Unescape(columns[0]), Unescape(columns[1]), Unescape(columns[2]));
        if (question.Length == 0 || answer.Length == 0)
        {
            return (null, $"The {(question.Length == 0 ? "question" : "answer")} is empty; expected question, answer and explanation.");
        }

        return (new TaskQuery
        {
            Id = TaskQuery.IdOf(Collection, task, question, answer),
            Collection = Collection,
            Task = task,
            Prompt = question,
            GoldAnswers = [answer],
            AnswerKind = AnswerForm.KindOf(question, [answer]),
            Explanation = explanation.Length == 0 ? null : RecordedExplanation.Of(explanation, answer),
            Chance = AnswerForm.ChanceOf(question, answer),
        }, null);
    }

    private static string Unescape(string column) => column.Replace("\\n", "\n", StringComparison.Ordinal).Trim();
}
