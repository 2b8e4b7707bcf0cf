using System.Collections.Immutable;
using Orca.Streams.Curricula.Control;

namespace Orca.Streams.Curricula.Lessons;

/// <summary>
/// What the trainer tells the curriculum beside taking lessons out of its channel, and is told by it. Called on the trainer's thread, in
/// this order for each step: <see cref="Fill"/>, lessons are taken, <see cref="Filled"/>, the step is made, <see cref="Made"/>.
/// </summary>
/// <remarks>So a command's receipt can name the step that it first acts on: at least one lesson is taken for each step.</remarks>
public interface ITrainerLink
{
    /// <summary>From now on lessons are taken for this step. Told again where the taking was interrupted.</summary>
    /// <param name="step">The number that the step will have.</param>
    void Fill(long step);

    /// <summary>The step has all its lessons. Waits for the curriculum's loop, which carries out no command meanwhile.</summary>
    /// <returns>What commands have decided of the step.</returns>
    StepOrders Filled(long step);

    /// <summary>A step was made. Waits for the curriculum's loop, so that a checkpoint that follows knows what was learned of it.</summary>
    void Made(StepResult result);

    /// <summary>
    /// The student becomes what it was in a checkpoint, which is whole: what it was taught since then is waiting again, and the next
    /// lessons follow from there. What lessons the trainer holds it throws away. Waits for the curriculum's loop.
    /// </summary>
    /// <param name="order">The order that is carried out; its step has the student's number from here on.</param>
    /// <param name="curriculum">The curriculum's bytes in that checkpoint.</param>
    /// <returns>Whether the lessons were taken back; false where the curriculum has ended: the order waits for the next start.</returns>
    /// <exception cref="Orca.Streams.TaskFormatException">
    /// The bytes are of another curriculum, or the store cannot be written; nothing has changed.
    /// </exception>
    bool RolledBack(RollBackOrder order, ReadOnlyMemory<byte> curriculum);

    /// <summary>An order to roll back cannot be carried out: it is not given again. Waits for the curriculum's loop.</summary>
    /// <param name="order">The order.</param>
    /// <param name="reason">Why, a sentence.</param>
    void Refused(RollBackOrder order, string reason);
}

/// <summary>What commands have decided of a step.</summary>
/// <param name="RateScale">Factor of the learning rate that the schedule gives.</param>
/// <param name="ScheduleRestarts">
/// Times that commands have begun the schedule anew, over all starts: where it has grown, it begins anew with this step.
/// </param>
/// <param name="RollBack">The checkpoint to go back to before this step is made; null for none.</param>
public sealed record StepOrders(double RateScale, long ScheduleRestarts, RollBackOrder? RollBack)
{
    /// <summary>Where nobody commands.</summary>
    public static StepOrders None { get; } = new(1, 0, null);
}

/// <summary>What a step was made of, and how well the student knew it before.</summary>
/// <param name="Step">The step's number.</param>
/// <param name="IsSkipped">Whether the weights were left as they were.</param>
/// <param name="Lessons">Its lessons.</param>
public sealed record StepResult(long Step, bool IsSkipped, ImmutableArray<LessonResult> Lessons);

/// <summary>How well the student knew a lesson before a step was made of it.</summary>
/// <param name="Ordinal">The lesson's number.</param>
/// <param name="Collection">Its collection.</param>
/// <param name="Task">Its task.</param>
/// <param name="Difficulty">Its difficulty; null where that is unknown.</param>
/// <param name="IsRepeated">Whether it had been taught before.</param>
/// <param name="Loss">Sum of the cross-entropy of the tokens that bear loss, in nats.</param>
/// <param name="Tokens">How many those are.</param>
public readonly record struct LessonResult(
    long Ordinal, string Collection, string Task, int? Difficulty, bool IsRepeated, double Loss, int Tokens);
