using System.Collections.Immutable;
using System.Globalization;
using Orca.Streams.Answers;
using Orca.Streams.Tasks.Reasoning;

namespace Orca.Streams.Tasks;

/// <summary>
/// Chooses the system message of a question. Collections mix messages on purpose, so that the student learns short and
/// long answers; the choice depends on question, stage and seed alone, so a question asked again is asked alike.
/// </summary>
public sealed partial class SystemMessages
{
    private readonly long seed;

    /// <summary>Chooses among the given messages.</summary>
    /// <param name="messages">At least one; ids distinct, weights above 0.</param>
    /// <param name="seed">Another seed gives another choice.</param>
    /// <exception cref="TaskFormatException">Messages are missing, or one has no use.</exception>
    public SystemMessages(IEnumerable<SystemMessage> messages, long seed = 0)
    {
        All = [.. messages];
        this.seed = seed;
        if (All.IsEmpty)
        {
            throw new TaskFormatException("There is no system message; give at least one, which may be empty");
        }

        foreach (var message in All)
        {
            Check(message);
        }
    }

    /// <summary>All messages, in order.</summary>
    public ImmutableArray<SystemMessage> All { get; }

    /// <summary>The message for a question in a stage.</summary>
    /// <param name="query">The question.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="weights">Weights by id, 0 or more, in place of the messages' own; null for none.</param>
    /// <returns>
    /// The one its source prescribes, if it does; else one of those that fit; else, also where all that fit weigh nothing, the empty
    /// message.
    /// </returns>
    public SystemMessage Choose(TaskQuery query, string stage, ImmutableSortedDictionary<string, double>? weights = null)
    {
        double WeightOf(SystemMessage message) => weights?.GetValueOrDefault(message.Id, message.Weight) ?? message.Weight;

        if (query.SystemMessage is { } prescribed)
        {
            return new SystemMessage { Id = "prescribed", Text = prescribed, UsedFor = [query.Collection] };
        }

        var fitting = Fitting(query, stage);
        fitting.RemoveAll(message => WeightOf(message) <= 0);
        if (fitting.Count == 0)
        {
            return new SystemMessage { Id = "none", Text = "", UsedFor = [query.Collection] };
        }

        var point = Point(query, stage) * fitting.Sum(WeightOf);
        foreach (var message in fitting)
        {
            point -= WeightOf(message);
            if (point < 0)
            {
                return message;
            }
        }

        return fitting[^1];
    }

    private List<SystemMessage> Fitting(TaskQuery query, string stage)
    {
        // Looked for only where a message depends on it: it reads the whole prompt.
        bool? isChoice = null;
        bool IsChoice() => isChoice ??= query.AnswerKind == AnswerKind.MultipleChoice || OptionList.IsMultipleChoice(query.Prompt);
        return
        [
            .. All.Where(message => message.UsedFor.Contains(query.Collection)
                && (message.Stages.IsEmpty || message.Stages.Contains(stage))
                && (!message.MultipleChoiceOnly || IsChoice())),
        ];
    }

    // 0 to 1, the same for the same question, stage and seed.
    private double Point(TaskQuery query, string stage)
    {
        var id = TaskQuery.IdOf("system message", stage, query.Id, null);
        var key = ulong.Parse(id.AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return new CounterRandom(seed, unchecked((long)key)).NextDouble();
    }

    private void Check(SystemMessage message)
    {
        if (All.Count(other => other.Id == message.Id) > 1)
        {
            throw new TaskFormatException($"System message '{message.Id}' is there twice; ids are distinct");
        }

        if (message.UsedFor.IsEmpty || message.Weight is not (> 0 and < double.PositiveInfinity))
        {
            throw new TaskFormatException($"System message '{message.Id}' needs a collection in used_for and a weight above 0");
        }
    }
}
