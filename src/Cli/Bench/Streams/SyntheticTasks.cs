using System.Runtime.CompilerServices;
using Orca.Streams.Answers;
using Orca.Streams.Tasks;

namespace Orca.Cli.Bench.Streams;

/// <summary>
/// Numbered questions of a given size, made of words, so that they compress as texts do. Cheap: what is measured is not this.
/// </summary>
internal sealed class SyntheticTasks(int count, int bytesPerTrace) : ITaskSource
{
    // A question is a third of a trace.
    private readonly SyntheticText _questions = new(bytesPerTrace / 3);

    /// <inheritdoc/>
    public string Name => "synthetic";

    /// <inheritdoc/>
    public async IAsyncEnumerable<TaskQuery> ReadAsync(
        long skip, IProgress<SourceFault> faults, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        for (var number = (int)skip; number < count; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (prompt, gold) = (_questions.At(number, $"Question {number}: ", ""), $"{number % 1000}");
            yield return new TaskQuery
            {
                Id = TaskQuery.IdOf(Name, "numbers", prompt, gold),
                Collection = Name,
                Task = "numbers",
                Prompt = prompt,
                GoldAnswers = [gold],
                AnswerKind = AnswerKind.Number,
            };
        }
    }
}
