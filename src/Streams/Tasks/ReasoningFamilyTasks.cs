using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Orca.Streams.Tasks;

/// <summary>
/// The questions of one family in the stream of the built-in tasks, in its order, so that each family is a source of its own and can be
/// weighed by itself.
/// </summary>
/// <param name="tasks">The stream.</param>
/// <param name="number">The family's number among those of the stream.</param>
internal sealed class ReasoningFamilyTasks(ReasoningTasks tasks, int number) : ITaskSource
{
    /// <inheritdoc/>
    public string Name => Mixture.NameOf(ReasoningTasks.Collection, tasks.Families[number].Name);

    /// <inheritdoc/>
    public string Collection => ReasoningTasks.Collection;

    /// <inheritdoc/>
    public ImmutableArray<string>? TaskNames => [tasks.Families[number].Name];

    /// <inheritdoc/>
    public async IAsyncEnumerable<TaskQuery?> ReadAsync(
        long skip, IProgress<SourceFault> faults, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var index = skip; ; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return tasks.At((index * tasks.Families.Length) + number);
            if (index % 64 == 0)
            {
                await Task.Yield(); // the source never waits by itself: lets others on its thread have a turn
            }
        }
    }
}
