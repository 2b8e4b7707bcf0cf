using Orca.Streams.Collecting.StudentFirst;
using Orca.Streams.Teachers;

namespace Orca.Streams.Tests.Support;

/// <summary>A student that says what a test has it say.</summary>
internal sealed class FakeStudent(Func<TeacherRequest, int, CancellationToken, Task<string?>> answer) : IStudent
{
    private int now;

    public FakeStudent(Func<TeacherRequest, bool> isRight)
        : this((request, _, _) => Task.FromResult<string?>(isRight(request) ? RightAnswer(request) : "The answer is wrong."))
    {
    }

    /// <summary>Each answer that was asked for: the request and which one.</summary>
    public List<(string Request, int Sample)> Asked { get; } = [];

    public int MostAtOnce { get; private set; }

    public static string RightAnswer(TeacherRequest request) => request.Query.Explanation!;

    public async Task<StudentAnswer?> AnswerAsync(TeacherRequest request, int sample, CancellationToken cancellationToken)
    {
        lock (Asked)
        {
            Asked.Add((request.Id, sample));
            MostAtOnce = Math.Max(MostAtOnce, ++now);
        }

        try
        {
            return await answer(request, sample, cancellationToken) is { } text ? new StudentAnswer(text, "student 1") : null;
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
