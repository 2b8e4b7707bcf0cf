using System.Globalization;
using System.Runtime.CompilerServices;
using Orca.Streams.Tasks;

namespace Orca.Streams.Sieves;

/// <summary>
/// Which questions are examined and never trained on. The built-in tasks hold theirs out themselves; of a file's questions
/// the id decides, which is a hash of the content: the same question falls on the same side in every run.
/// </summary>
/// <param name="oneIn">One question in this many is held out; 2 or more.</param>
public sealed class HeldOutSplit(int oneIn)
{
    /// <summary>Whether a question of a file is held out.</summary>
    public bool IsHeldOut(TaskQuery query) =>
        uint.Parse(query.Id.AsSpan(0, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture) % (uint)oneIn == 0;

    /// <summary>The source without its held-out questions; the built-in tasks as they are.</summary>
    public ITaskSource TrainingPart(ITaskSource source) => source is ReasoningTasks ? source : new TrainingQuestions(source, this);

    private sealed class TrainingQuestions(ITaskSource source, HeldOutSplit split) : ITaskSource
    {
        public string Name => source.Name;

        public string Collection => source.Collection;

        // Skips among the questions that are left; those held out have no number.
        public async IAsyncEnumerable<TaskQuery> ReadAsync(
            long skip, IProgress<SourceFault> faults, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var query in source.ReadAsync(0, faults, cancellationToken))
            {
                if (!split.IsHeldOut(query) && skip-- <= 0)
                {
                    yield return query;
                }
            }
        }
    }
}
