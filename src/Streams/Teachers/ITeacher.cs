namespace Orca.Streams.Teachers;

/// <summary>Somebody who answers questions: an endpoint, a recording, a solver.</summary>
public interface ITeacher
{
    /// <summary>Name that traces carry.</summary>
    string Name { get; }

    /// <summary>Whether the same request always gets the same answer; the order of the lessons then depends on the tasks alone.</summary>
    bool IsDeterministic => false;

    /// <summary>Answers one request.</summary>
    /// <exception cref="TeacherException">The teacher failed after its retries; the request may be asked again later.</exception>
    Task<Trace> AskAsync(TeacherRequest request, CancellationToken cancellationToken);
}
