using System.IO.Hashing;
using System.Text;
using System.Text.Unicode;
using Orca.Streams.Answers;
using Orca.Streams.Tasks.Files;

namespace Orca.Streams.Tasks.Records;

/// <summary>FLAN's chain-of-thought data: TSV files without a header, of question, answer and explanation; one file is one task.</summary>
/// <remarks>
/// Line breaks are written as the two characters <c>\n</c>. The explanation that a recorded teacher answers with ends in
/// "So the answer is …." made from the answer column.
/// </remarks>
internal sealed class FlanCotForm : IRecordForm
{
    private const string Expected = "expected question, answer and explanation";

    /// <inheritdoc/>
    public string Collection => "cot";

    /// <inheritdoc/>
    public string[] Endings => [".tsv"];

    /// <inheritdoc/>
    public string What => "FLAN's chain-of-thought data (TSV files of question, answer, explanation)";

    /// <inheritdoc/>
    public string Settings => "flan-cot 1";

    /// <inheritdoc/>
    public IEnumerable<RecordBatch> Cut(PlainFile text) => LineCutter.Cut(text);

    /// <inheritdoc/>
    public Glances Glance(RecordBatch batch)
    {
        var glances = new Glances();
        foreach (var span in batch.Records)
        {
            var line = batch.Buffer.AsSpan(span.Start, span.Length);
            if (FaultOf(line, span.IsTooLong) is { } fault)
            {
                glances.Faults.Add((span.Line, fault));
            }
            else
            {
                var question = line[..line.IndexOf((byte)'\t')];
                glances.Questions.Add(
                    new Glance(batch.Offset + span.Start, span.Length, null, null, XxHash3.HashToUInt64(question), IsAnswered: true));
            }
        }

        return glances;
    }

    /// <inheritdoc/>
    public RecordReading Read(Memory<byte> record, RecordHead? head, string collection, string task)
    {
        if (FaultOf(record.Span, isTooLong: false) is { } fault)
        {
            return new RecordReading(null, fault, []);
        }

        var columns = Encoding.UTF8.GetString(record.Span).Split('\t');
        var (question, answer, explanation) = (Unescape(columns[0]), Unescape(columns[1]), Unescape(columns[2]));
        return new RecordReading(
            new TaskQuery
            {
                Id = TaskQuery.IdOf(collection, task, question, answer),
                Collection = collection,
                Task = task,
                Prompt = question,
                GoldAnswers = [answer],
                AnswerKind = AnswerForm.KindOf(question, [answer]),
                Explanation = explanation.Length == 0 ? null : RecordedExplanation.Of(explanation, answer),
                Chance = AnswerForm.ChanceOf(question, answer),
            },
            null, []);
    }

    // One sentence; null for a line that is a question.
    private static string? FaultOf(ReadOnlySpan<byte> line, bool isTooLong)
    {
        if (isTooLong)
        {
            return $"The line is over {RecordBatch.MaxBytes >> 20} MiB; {Expected}.";
        }

        if (!Utf8.IsValid(line))
        {
            return $"The line is not UTF-8; {Expected} as UTF-8 text.";
        }

        var columns = line.Count((byte)'\t') + 1;
        if (columns != 3)
        {
            return $"The line has {columns} tab-separated columns; expected 3: question, answer, explanation.";
        }

        var (first, last) = (line.IndexOf((byte)'\t'), line.LastIndexOf((byte)'\t'));
        return IsBlank(line[..first]) ? $"The question is empty; {Expected}."
            : IsBlank(line[(first + 1)..last]) ? $"The answer is empty; {Expected}."
            : null;
    }

    // Most begin with a letter, and need not be looked at further.
    private static bool IsBlank(ReadOnlySpan<byte> column) =>
        !(column is [var first, ..] && char.IsAsciiLetterOrDigit((char)first)) && Unescape(Encoding.UTF8.GetString(column)).Length == 0;

    private static string Unescape(string column) => column.Replace("\\n", "\n", StringComparison.Ordinal).Trim();
}
