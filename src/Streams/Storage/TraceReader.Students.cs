using System.Collections.Immutable;

namespace Orca.Streams.Storage;

/// <content>What the student answered before teachers were asked.</content>
internal sealed partial class TraceReader
{
    public StudentOutcome? StudentOutcomeOf(string requestId)
    {
        lock (gate)
        {
            return StudentStatements.Find(connection, requestId);
        }
    }

    public ImmutableArray<StudentOutcome> LastStudentOutcomes(int most)
    {
        lock (gate)
        {
            return StudentStatements.Last(connection, most);
        }
    }
}
