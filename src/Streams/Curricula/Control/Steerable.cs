using System.Collections.Immutable;
using Orca.Streams.Tasks;

namespace Orca.Streams.Curricula.Control;

/// <summary>What a run has that commands can name. Sets that are empty are not known yet, and then nothing is refused by them.</summary>
public sealed record Steerable
{
    /// <summary>Names of the stages in order.</summary>
    public ImmutableArray<string> Stages { get; init; } = [];

    /// <summary>Name of the one that is taught.</summary>
    public string Stage { get; init; } = "";

    /// <summary>The collections.</summary>
    public ImmutableSortedSet<string> Collections { get; init; } = [];

    /// <summary>Tasks by their collection; a collection that is not there has tasks that nobody knows beforehand.</summary>
    public ImmutableSortedDictionary<string, ImmutableSortedSet<string>> Tasks { get; init; } =
        ImmutableSortedDictionary<string, ImmutableSortedSet<string>>.Empty;

    /// <summary>The screens.</summary>
    public ImmutableSortedSet<string> Screens { get; init; } = [];

    /// <summary>Ids of the system messages.</summary>
    public ImmutableSortedSet<string> Messages { get; init; } = [];

    /// <summary>Names of the teachers' endpoints.</summary>
    public ImmutableSortedSet<string> Endpoints { get; init; } = [];

    /// <summary>Whether a student is trained in this process.</summary>
    public bool IsTrained { get; init; }

    /// <summary>Whether the student is asked before teachers are.</summary>
    public bool AsksStudent { get; init; }

    /// <summary>Names of the checkpoints that there are now.</summary>
    public Func<ImmutableArray<string>> Checkpoints { get; init; } = static () => [];

    /// <summary>What is wrong with the name of a collection, or of a task as <c>collection/task</c>; null where nothing is.</summary>
    internal string? FaultOf(string name)
    {
        if (Collections.IsEmpty || Collections.Contains(name))
        {
            return null;
        }

        // A collection's own name may have a slash in it: the longest that fits is meant.
        var collection = Collections.Where(known => name.StartsWith(known + '/', StringComparison.Ordinal)).MaxBy(known => known.Length);
        return collection is null ? $"The mixture names '{name}'; the collections here are {string.Join(", ", Collections)}."
            : !Tasks.TryGetValue(collection, out var tasks) || tasks.Contains(name[(collection.Length + 1)..]) ? null
            : $"The mixture names '{name}'; the tasks of {collection} are {string.Join(", ", tasks)}.";
    }

    /// <summary>Whether a mixture leaves a collection that anything can be drawn from.</summary>
    internal bool LeavesAny(Mixture mixture) => Collections.IsEmpty || Collections.Any(collection => mixture.WeightOf(collection) > 0
        && (!Tasks.TryGetValue(collection, out var tasks) || tasks.Any(task => mixture.WeightOf(collection, task) > 0)));
}
