using Orca.Streams.Tasks;

namespace Orca.Streams.Teachers;

/// <summary>A question put to a teacher.</summary>
public sealed record TeacherRequest
{
    /// <summary>The question.</summary>
    public required TaskQuery Query { get; init; }

    /// <summary>The system message chosen for it; may be empty.</summary>
    public required string SystemMessage { get; init; }

    /// <summary>The curriculum stage it is asked for (<c>assistant</c>, <c>expert</c>).</summary>
    public required string Stage { get; init; }

    /// <summary>Identity of the request: one answer is stored for each. Derived from query, stage and system message.</summary>
    public string Id => TaskQuery.IdOf(Stage, Query.Id, SystemMessage, null);
}
