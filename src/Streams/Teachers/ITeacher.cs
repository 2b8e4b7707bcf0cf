namespace Orca.Streams.Teachers;

/// <summary>Somebody who answers questions: an endpoint, a recording, a solver.</summary>
public interface ITeacher
{
    /// <summary>Name that traces carry.</summary>
    string Name { get; }

    /// <summary>Whether the same request always gets the same answer; the order of the lessons then depends on the tasks alone.</summary>
    bool IsDeterministic => false;

    /// <summary>What happens while its endpoints are asked: hot, one event at a time; null for a teacher without any.</summary>
    IObservable<TeacherEvent>? Events => null;

    /// <summary>
    /// Holds, for the calls that begin from now on, to what is set of its endpoints and of the run's budget; what is under way ends as it
    /// began. Without effect on a teacher that has neither.
    /// </summary>
    void Tune(TeacherTuning tuning)
    {
    }

    /// <summary>Answers one request, however long that takes.</summary>
    /// <exception cref="TeacherException">
    /// It cannot be answered: in this run (<see cref="TeacherFault.Unclear"/>), ever (<see cref="TeacherFault.Request"/>), or, with any
    /// other fault, nothing can.
    /// </exception>
    Task<Trace> AskAsync(TeacherRequest request, CancellationToken cancellationToken);
}
