using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orca.Streams.Bus;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Tasks;

namespace Orca.Streams.Curricula.Mixtures;

/// <summary>
/// How far each task has come by <see cref="LessonPacing.NextAtLoss"/>: the highest difficulty that is taught, and the student's loss on
/// it. A value, part of the curriculum's state.
/// </summary>
internal sealed record PaceProgress
{
    /// <summary>Every task at its beginning.</summary>
    public static PaceProgress Begin { get; } = new();

    /// <summary>By <c>collection/task</c>.</summary>
    public ImmutableSortedDictionary<string, PaceLevel> Tasks { get; init; } =
        ImmutableSortedDictionary.Create<string, PaceLevel>(StringComparer.Ordinal);

    /// <summary>The highest difficulty of a task that is taught by now; null for any.</summary>
    /// <param name="pacing">The pace.</param>
    /// <param name="student">What the student knew before teachers were asked.</param>
    /// <param name="collection">The task's collection.</param>
    /// <param name="task">The task.</param>
    public int? MaxOf(LessonPacing pacing, StudentAnswers student, string collection, string task)
    {
        var byLoss = pacing.NextAtLoss is null ? (int?)null : Tasks.GetValueOrDefault(Mixture.NameOf(collection, task))?.Difficulty ?? 1;
        var byAccuracy = pacing.NextAtAccuracy is { } accuracy ? student.NextDifficulty(collection, task, accuracy) : (int?)null;
        return Least(Least(byLoss, byAccuracy), pacing.MaxDifficulty);
    }

    private static int? Least(int? left, int? right) => left < right || right is null ? left : right;

    /// <summary>This progress after a step's lessons.</summary>
    public PaceProgress With(StepResult step, LessonPacing pacing)
    {
        if (pacing.NextAtLoss is not { } limit)
        {
            return this;
        }

        var tasks = Tasks;
        foreach (var lesson in step.Lessons.Where(
            lesson => lesson is { IsRepeated: false, Tokens: > 0, Difficulty: not null } && double.IsFinite(lesson.Loss)))
        {
            var name = Mixture.NameOf(lesson.Collection, lesson.Task);
            tasks = tasks.SetItem(name, (tasks.GetValueOrDefault(name) ?? new PaceLevel()).After(lesson, limit));
        }

        return this with { Tasks = tasks };
    }
}

/// <summary>The highest difficulty of a task that is taught, and how well it goes.</summary>
internal sealed record PaceLevel
{
    private const double Recent = 0.1;
    private const int FewLessons = 20;

    /// <summary>The highest difficulty, from 1.</summary>
    public int Difficulty { get; init; } = 1;

    /// <summary>Fresh lessons of it.</summary>
    public int Lessons { get; init; }

    /// <summary>Moving mean of the loss on them, in nats a token.</summary>
    public double Loss { get; init; }

    /// <summary>Whether the mean says anything yet.</summary>
    [JsonIgnore]
    public bool IsTried => Lessons >= FewLessons;

    /// <summary>After a lesson; at the next difficulty where the loss is below the limit.</summary>
    public PaceLevel After(LessonResult lesson, double limit)
    {
        if (lesson.Difficulty < Difficulty)
        {
            return this;
        }

        var loss = lesson.Loss / lesson.Tokens;
        var after = this with
        {
            Lessons = Lessons + 1,
            Loss = Lessons == 0 ? loss : Loss + (Math.Max(Recent, 1.0 / (Lessons + 1)) * (loss - Loss)),
        };
        return after.IsTried && after.Loss < limit ? new PaceLevel { Difficulty = Difficulty + 1 } : after;
    }
}
