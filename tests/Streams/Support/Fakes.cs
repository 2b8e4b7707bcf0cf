using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Orca.Streams.Answers;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Tests.Support;

/// <summary>One token a word, and 0 to stop.</summary>
internal sealed class WordEncoder(string identity = "words") : ILessonEncoder
{
    public string Identity => identity;

    public (ImmutableArray<int> Prompt, ImmutableArray<int> Answer) Encode(string systemMessage, string prompt, string answer) =>
        ([1, .. Words(systemMessage), .. Words(prompt)], [.. Words(answer), 0]);

    private static IEnumerable<int> Words(string text) =>
        text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(word => 2 + word.Aggregate(0, (sum, letter) => (sum + letter) % 1000));
}

/// <summary>A source of given questions.</summary>
internal sealed class ListSource(string name, IReadOnlyList<TaskQuery> queries) : ITaskSource
{
    public string Name => name;

    public long Drawn { get; private set; }

    /// <summary>Numbered questions of one task; the answers repeat the number.</summary>
    public static ListSource Of(string collection, int count) => new(
        collection,
        [.. Enumerable.Range(0, count).Select(number => Questions.Of(collection, $"{collection} question {number}", $"{number}"))]);

    public async IAsyncEnumerable<TaskQuery> ReadAsync(
        long skip, IProgress<SourceFault> faults, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var index = (int)skip; index < queries.Count; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (index % 7 == 0)
            {
                await Task.Yield();
            }

            Drawn++;
            yield return queries[index];
        }
    }
}

internal static class Questions
{
    public static TaskQuery Of(string collection, string prompt, string answer, AnswerKind kind = AnswerKind.Exact) => new()
    {
        Id = TaskQuery.IdOf(collection, "task", prompt, answer),
        Collection = collection,
        Task = "task",
        Prompt = prompt,
        GoldAnswers = [answer],
        AnswerKind = kind,
        Explanation = $"The answer is {answer}.",
    };

    public static TeacherRequest Request(string prompt, string answer = "7", string stage = "assistant", string systemMessage = "") =>
        new() { Query = Of("cot", prompt, answer), SystemMessage = systemMessage, Stage = stage };

    public static Trace Trace(string prompt, string response, TeacherFinish finish = TeacherFinish.Stop, string stage = "assistant") =>
        new()
        {
            Request = Request(prompt, stage: stage),
            Response = response,
            Finish = finish,
            Teacher = "fake",
        };
}

/// <summary>A teacher that does what a test says.</summary>
internal sealed class FakeTeacher(Func<TeacherRequest, CancellationToken, Task<string>> answer, bool isDeterministic = false) : ITeacher
{
    private int now;

    public string Name => "fake";

    public bool IsDeterministic => isDeterministic;

    /// <summary>Requests in the order they came.</summary>
    public List<string> Asked { get; } = [];

    public int MostAtOnce { get; private set; }

    public async Task<Trace> AskAsync(TeacherRequest request, CancellationToken cancellationToken)
    {
        lock (Asked)
        {
            Asked.Add(request.Id);
            MostAtOnce = Math.Max(MostAtOnce, ++now);
        }

        try
        {
            return new Trace
            {
                Request = request,
                Response = await answer(request, cancellationToken),
                Finish = TeacherFinish.Stop,
                Teacher = Name,
                CompletionTokens = 3,
                Cost = 0.001m,
            };
        }
        finally
        {
            lock (Asked)
            {
                now--;
            }
        }
    }
}

/// <summary>Hears of faults at once.</summary>
internal sealed class FaultList : List<SourceFault>, IProgress<SourceFault>
{
    public void Report(SourceFault value) => Add(value);
}
