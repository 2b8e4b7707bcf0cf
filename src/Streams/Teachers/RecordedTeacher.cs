using Orca.Streams.Tasks;

namespace Orca.Streams.Teachers;

/// <summary>A teacher whose answers were written before: those that come with the questions, or those of a file.</summary>
public sealed class RecordedTeacher : ITeacher, IDisposable
{
    private readonly RecordedAnswers? answers;

    /// <summary>Answers with the question's own explanation or, where it has none, with its first gold answer.</summary>
    public RecordedTeacher()
    {
    }

    private RecordedTeacher(RecordedAnswers answers) => this.answers = answers;

    /// <summary>Answers with those of a JSONL file, and where it has none for a question with what comes with the question.</summary>
    /// <param name="path">
    /// One object a line: <c>response</c>, <c>answer</c> or <c>output</c>, under the request's or question's <c>id</c> or under the
    /// question's text in <c>question</c>, <c>prompt</c> or <c>instruction</c>. Of two for the same question the last one counts.
    /// </param>
    /// <param name="faults">Hears of lines that hold no answer.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="TaskFormatException">There is no such file.</exception>
    public static async Task<RecordedTeacher> OpenAsync(string path, IProgress<SourceFault> faults, CancellationToken cancellationToken) =>
        new(await RecordedAnswers.OpenAsync(path, faults, cancellationToken));

    /// <inheritdoc/>
    public string Name => "recorded";

    /// <inheritdoc/>
    public bool IsDeterministic => true;

    /// <inheritdoc/>
    public Task<Trace> AskAsync(TeacherRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var query = request.Query;
        var answer = Recorded(request) ?? query.Explanation ?? query.GoldAnswers.FirstOrDefault();
        if (answer is null)
        {
            throw new TeacherException($"There is no recorded answer to question {query.Id} of task '{query.Task}'; record one or ask "
                + "another teacher.")
            {
                Fault = TeacherFault.Request,
            };
        }

        var (reasoning, response) = ReasoningTags.Split(answer);
        return Task.FromResult(
            new Trace { Request = request, Response = response, Reasoning = reasoning, Finish = TeacherFinish.Stop, Teacher = Name });
    }

    private string? Recorded(TeacherRequest request)
    {
        try
        {
            return answers?.Find(request);
        }
        catch (IOException failure)
        {
            throw new TeacherException($"The recorded answers cannot be read any more: {failure.Message}", failure)
            {
                Fault = TeacherFault.Settings,
            };
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => answers?.Dispose();
}
