using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Lessons;

namespace Orca.Streams.Tests.Support;

/// <summary>Takes lessons as the trainer does, so many a step, and keeps what each step was made of.</summary>
internal sealed class FakeTrainer(Curriculum curriculum, int lessonsPerStep = 4, long firstStep = 1)
{
    /// <summary>How well the student knows a lesson before a step is made of it.</summary>
    public Func<Lesson, double> LossOf { get; init; } = _ => 1;

    /// <summary>The steps that were made, by their numbers.</summary>
    public SortedDictionary<long, (List<Lesson> Lessons, StepOrders Orders)> Steps { get; } = [];

    /// <summary>The next step's number.</summary>
    public long Next { get; private set; } = firstStep;

    private ITrainerLink Link => curriculum;

    /// <summary>Makes steps until there are so many, or the lessons end.</summary>
    public Task RunAsync(int steps, CancellationToken cancellationToken = default) => Task.Run(
        async () =>
        {
            for (var made = 0; made < steps && await StepAsync(cancellationToken); made++)
            {
            }
        },
        CancellationToken.None);

    /// <summary>Makes one step; false where the lessons end or it is cancelled.</summary>
    public async Task<bool> StepAsync(CancellationToken cancellationToken = default)
    {
        var lessons = new List<Lesson>();
        Link.Fill(Next);
        while (lessons.Count < lessonsPerStep)
        {
            if (curriculum.Lessons.TryRead(out var lesson))
            {
                lessons.Add(lesson);
                continue;
            }

            try
            {
                if (!await curriculum.Lessons.WaitToReadAsync(cancellationToken))
                {
                    return false;
                }
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        Steps[Next] = (lessons, Link.Filled(Next));
        Link.Made(new StepResult(Next, IsSkipped: false,
        [
            .. lessons.Select(lesson => new LessonResult(
                lesson.Ordinal, lesson.Collection, lesson.Task, lesson.Difficulty, lesson.IsRepeated,
                LossOf(lesson) * lesson.AnswerTokens.Length, lesson.AnswerTokens.Length)),
        ]));
        Next++;
        return true;
    }
}
