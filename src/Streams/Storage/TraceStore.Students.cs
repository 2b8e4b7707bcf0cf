using System.Collections.Immutable;

namespace Orca.Streams.Storage;

/// <content>What the student answered before teachers were asked.</content>
public sealed partial class TraceStore
{
    /// <summary>Writes what came of a question that the student was asked; what was written of it before holds.</summary>
    /// <exception cref="TraceStoreException">It could not be written.</exception>
    public async Task KeepAsync(StudentOutcome outcome)
    {
        known.Add(outcome.RequestId);
        if (await writer.WriteAsync(statements => statements.Students.Keep(outcome), CancellationToken.None) && outcome.IsSkipped)
        {
            lock (countsGate)
            {
                Counts = Counts with { Skipped = Counts.Skipped + 1 };
            }
        }
    }

    /// <summary>What came of a question that the student was asked, by its request; null where it was not.</summary>
    public StudentOutcome? StudentOutcomeOf(string requestId) =>
        known.MayContain(requestId) ? reader.StudentOutcomeOf(requestId) : null;

    /// <summary>What came of the last questions that the student was asked, the oldest of them first.</summary>
    public ImmutableArray<StudentOutcome> LastStudentOutcomes(int most) => reader.LastStudentOutcomes(most);
}
