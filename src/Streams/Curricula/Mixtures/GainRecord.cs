using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Tasks;

namespace Orca.Streams.Curricula.Mixtures;

/// <summary>
/// What the student has gained by collection and by task, told by its loss on lessons that it saw for the first time: a value that grows
/// with every step, and part of the curriculum's state.
/// </summary>
internal sealed record GainRecord
{
    /// <summary>Nothing is known yet.</summary>
    public static GainRecord Empty { get; } = new();

    /// <summary>By collection, and by <c>collection/task</c>.</summary>
    public ImmutableSortedDictionary<string, ArmGain> Arms { get; init; } =
        ImmutableSortedDictionary.Create<string, ArmGain>(StringComparer.Ordinal);

    /// <summary>Of lessons that the adaptive policy chose: how many, and the sum of their arms' gains when they were.</summary>
    public ChosenGain Chosen { get; init; }

    /// <summary>The same of those that were drawn evenly.</summary>
    public ChosenGain Even { get; init; }

    /// <summary>Whether more than one collection is told of: then collections are the arms, else tasks are.</summary>
    [JsonIgnore]
    public bool HasCollections => Arms.Keys.Count(name => Arms[name].IsCollection) > 1;

    /// <summary>The largest gain of an arm; 0 where none gains.</summary>
    [JsonIgnore]
    public double Best => Arms.Values.Where(arm => arm.IsCollection == HasCollections && arm.IsTried)
        .Select(arm => arm.Gain).DefaultIfEmpty(0).Max();

    /// <summary>
    /// How much less a lesson of the policy's choice gains than an evenly drawn one, as a share of the loss; null before there are both.
    /// Below 0 the policy gains more.
    /// </summary>
    [JsonIgnore]
    public double? Regret => Chosen.Lessons > 0 && Even.Lessons > 0 ? Even.Mean - Chosen.Mean : null;

    /// <summary>Gain of an arm: the share by which its loss has fallen of late; null where it was hardly tried.</summary>
    public double? GainOf(MixtureArm arm) => arm.Task is null != HasCollections ? null
        : Arms.GetValueOrDefault(NameOf(arm)) is { IsTried: true } known ? known.Gain : null;

    /// <summary>This record after a step's lessons.</summary>
    public GainRecord With(StepResult step)
    {
        var arms = Arms;
        foreach (var group in step.Lessons.Where(lesson => !lesson.IsRepeated && lesson.Tokens > 0).GroupBy(lesson => lesson.Collection))
        {
            arms = Heard(arms, group.Key, group, isCollection: true);
            foreach (var task in group.GroupBy(lesson => lesson.Task))
            {
                arms = Heard(arms, Mixture.NameOf(group.Key, task.Key), task, isCollection: false);
            }
        }

        return this with { Arms = arms };
    }

    /// <summary>This record after a lesson was chosen.</summary>
    public GainRecord WithChoice(MixtureArm arm, bool isEven)
    {
        var gain = GainOf(arm) ?? GainOf(arm with { Task = null }) ?? 0;
        return isEven ? this with { Even = Even.Plus(gain) } : this with { Chosen = Chosen.Plus(gain) };
    }

    private static string NameOf(MixtureArm arm) => arm.Task is { } task ? Mixture.NameOf(arm.Collection, task) : arm.Collection;

    private static ImmutableSortedDictionary<string, ArmGain> Heard(
        ImmutableSortedDictionary<string, ArmGain> arms, string name, IEnumerable<LessonResult> lessons, bool isCollection)
    {
        var (loss, tokens, count) = (0.0, 0, 0);
        foreach (var lesson in lessons)
        {
            (loss, tokens, count) = (loss + lesson.Loss, tokens + lesson.Tokens, count + 1);
        }

        return double.IsFinite(loss)
            ? arms.SetItem(name, (arms.GetValueOrDefault(name) ?? new ArmGain { IsCollection = isCollection }).After(loss / tokens, count))
            : arms;
    }
}

/// <summary>How the student's loss on an arm moves.</summary>
internal sealed record ArmGain
{
    // Steps that the two means look back, about: what the loss was of late, and what it was before.
    private const double Recent = 0.1;
    private const double Earlier = 0.02;
    private const int FewSteps = 20;

    /// <summary>Whether it is a collection, not a task.</summary>
    public bool IsCollection { get; init; }

    /// <summary>Steps that had lessons of it.</summary>
    public long Steps { get; init; }

    /// <summary>Fresh lessons of it.</summary>
    public long Lessons { get; init; }

    /// <summary>Moving mean of the loss of late, in nats a token.</summary>
    public double Fast { get; init; }

    /// <summary>The same over five times as many steps.</summary>
    public double Slow { get; init; }

    /// <summary>Whether it was tried often enough to tell.</summary>
    [JsonIgnore]
    public bool IsTried => Steps >= FewSteps;

    /// <summary>The share by which the loss has fallen of late; 0 where it has not.</summary>
    [JsonIgnore]
    public double Gain => Slow > 0 ? Math.Max(0, (Slow - Fast) / Slow) : 0;

    /// <summary>After a step with so many lessons of this mean loss.</summary>
    public ArmGain After(double loss, int lessons) => this with
    {
        Steps = Steps + 1,
        Lessons = Lessons + lessons,
        Fast = Steps == 0 ? loss : Fast + (Math.Max(Recent, 1.0 / (Steps + 1)) * (loss - Fast)),
        Slow = Steps == 0 ? loss : Slow + (Math.Max(Earlier, 1.0 / (Steps + 1)) * (loss - Slow)),
    };
}

/// <summary>Lessons that were chosen in one way, and what their arms gained when they were.</summary>
/// <param name="Lessons">How many.</param>
/// <param name="Gain">Sum of the gains.</param>
internal readonly record struct ChosenGain(long Lessons, double Gain)
{
    /// <summary>Mean gain of a lesson; 0 without any.</summary>
    [JsonIgnore]
    public double Mean => Lessons == 0 ? 0 : Gain / Lessons;

    /// <summary>With one lesson more.</summary>
    public ChosenGain Plus(double gain) => new(Lessons + 1, Gain + gain);
}
