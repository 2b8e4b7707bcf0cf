using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Orca.Streams.Answers;
using Orca.Streams.Tasks.Reasoning;

namespace Orca.Streams.Tasks;

/// <summary>
/// The built-in tasks: an endless stream over all families, each with every difficulty from the first question on.
/// Question n depends on the seed and n alone, so going on after a stop is exact and costs nothing.
/// </summary>
public sealed class ReasoningTasks : ITaskSource
{
    /// <summary>The collection of all built-in tasks.</summary>
    public const string Collection = "reasoning";

    private const int HeldOutOneIn = 10;

    private readonly long seed;

    /// <summary>Makes the stream of a seed.</summary>
    /// <param name="seed">The same seed gives the same questions.</param>
    /// <param name="families">Names of the families to draw from; null for all.</param>
    /// <exception cref="TaskFormatException">A name is unknown, or there is none.</exception>
    public ReasoningTasks(long seed, IEnumerable<string>? families = null)
    {
        this.seed = seed;
        Families = families is null ? ReasoningFamilies.All : [.. families.Distinct().Select(ReasoningFamilies.Named)];
        if (Families.IsEmpty)
        {
            throw new TaskFormatException("No reasoning task is named; name at least one, or leave the list out for all");
        }
    }

    /// <inheritdoc/>
    public string Name => Collection;

    /// <inheritdoc/>
    public ImmutableArray<string>? TaskNames => [.. Families.Select(family => family.Name)];

    /// <summary>The families drawn from, in turn.</summary>
    public ImmutableArray<ReasoningFamily> Families { get; }

    /// <summary>The same questions, each family a source of its own.</summary>
    public ImmutableArray<ITaskSource> ByFamily() =>
        [.. Enumerable.Range(0, Families.Length).Select(number => new ReasoningFamilyTasks(this, number))];

    /// <inheritdoc/>
    public async IAsyncEnumerable<TaskQuery> ReadAsync(
        long skip, IProgress<SourceFault> faults, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var index = skip; ; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return At(index);
            if (index % 64 == 0)
            {
                await Task.Yield(); // the source never waits by itself: lets others on its thread have a turn
            }
        }
    }

    /// <summary>Question number <paramref name="index"/> of the training stream, from 0.</summary>
    public TaskQuery At(long index)
    {
        var random = new CounterRandom(seed, index);
        var family = Families[(int)(index % Families.Length)];
        var difficulty = random.Next(1, ReasoningFamily.MaxDifficulty + 1);
        return Draw(family, random, difficulty, heldOut: false);
    }

    /// <summary>Distinct questions that no training stream gives, with all difficulties in turn.</summary>
    /// <param name="family">Name of the family.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">The same seed gives the same questions; any seed keeps clear of training.</param>
    /// <exception cref="TaskFormatException">The family is unknown.</exception>
    public static ImmutableArray<TaskQuery> HeldOut(string family, int count, long seed)
    {
        var drawn = ReasoningFamilies.Named(family);
        var prompts = new HashSet<string>();
        var questions = ImmutableArray.CreateBuilder<TaskQuery>(count);
        for (var index = 0L; questions.Count < count; index++)
        {
            // Where an easy difficulty has few prompts its turns run out, and the others fill the set.
            var difficulty = 1 + (int)(index % ReasoningFamily.MaxDifficulty);
            var question = Draw(drawn, new CounterRandom(seed, index), difficulty, heldOut: true);
            if (prompts.Add(question.Prompt))
            {
                questions.Add(question);
            }
        }

        return questions.MoveToImmutable();
    }

    /// <summary>Whether a prompt belongs to the held-out tenth, which no training stream gives.</summary>
    public static bool IsHeldOut(string prompt) => QuestionText.KeyOf(prompt) % HeldOutOneIn == 0;

    /// <summary>Prompts and explanations of the training split, to make a tokenizer from.</summary>
    /// <param name="perFamily">Questions of each family; each gives two texts.</param>
    /// <param name="seed">The same seed gives the same texts.</param>
    public static IEnumerable<string> Corpus(int perFamily, long seed)
    {
        var tasks = new ReasoningTasks(seed);
        for (var index = 0L; index < (long)perFamily * tasks.Families.Length; index++)
        {
            var question = tasks.At(index);
            yield return question.Prompt;
            yield return question.Explanation!;
        }
    }

    private static TaskQuery Draw(ReasoningFamily family, Random random, int difficulty, bool heldOut)
    {
        while (true)
        {
            var instance = family.Generate(random, difficulty);
            if (IsHeldOut(instance.Prompt) == heldOut)
            {
                return Query(family, instance);
            }
        }
    }

    private static TaskQuery Query(ReasoningFamily family, ReasoningInstance instance) => new()
    {
        Id = TaskQuery.IdOf(Collection, family.Name, instance.Prompt, instance.Gold),
        Collection = Collection,
        Task = family.Name,
        Prompt = instance.Prompt,
        GoldAnswers = [instance.Gold],
        AnswerKind = instance.AnswerKind,
        Explanation = instance.Explanation,
        Chance = instance.Chance,
        Difficulty = instance.Difficulty,
    };
}
