using Orca.Streams.Teachers;

namespace Orca.Streams.Collecting;

/// <summary>Puts requests to a teacher and tells what happens meanwhile. Pace, pauses and patience are the teacher's own.</summary>
internal sealed class TeacherAsking : IDisposable
{
    private readonly ITeacher teacher;
    private readonly CollectionEvents events;
    private readonly IDisposable? subscription;

    /// <param name="teacher">The teacher.</param>
    /// <param name="events">Where it is told.</param>
    /// <param name="isHeard">Whether what happens at the teacher is told from here; false where somebody else tells it.</param>
    public TeacherAsking(ITeacher teacher, CollectionEvents events, bool isHeard = true)
    {
        (this.teacher, this.events) = (teacher, events);
        subscription = isHeard ? teacher.Events?.Subscribe(Tell) : null;
    }

    /// <summary>
    /// The answer, or why this request can never be answered; neither where that is not known yet, and the request is to be asked in
    /// the next run.
    /// </summary>
    /// <exception cref="TeacherException">The teacher is given up, or its settings are at fault.</exception>
    public async Task<(Trace? Trace, string? Failure)> AskAsync(TeacherRequest request, CancellationToken cancellationToken)
    {
        try
        {
            if (teacher.Events is null)
            {
                events.Tell(new TeacherAsked(request));
            }

            return (await teacher.AskAsync(request, cancellationToken), null);
        }
        catch (TeacherException failure) when (failure.Fault == TeacherFault.Request)
        {
            return (null, failure.Message);
        }
        catch (TeacherException failure) when (failure.Fault == TeacherFault.Unclear)
        {
            events.Tell(new RequestPostponed(request, failure.Message));
            return (null, null);
        }
    }

    public void Dispose() => subscription?.Dispose();

    private void Tell(TeacherEvent happened)
    {
        switch (happened)
        {
            case CallBegan began:
                events.Tell(new TeacherAsked(began.Request));
                break;
            case CallEnded { AskAgainAfter: { } pause } failed:
                events.Tell(new TeacherFailed(failed.Request, failed.Message, pause));
                break;
            case AskingPutOff putOff:
                events.Tell(new AskingDelayed(putOff.Endpoint, putOff.Message, putOff.Pause));
                break;
            case Teachers.EndpointStopped stopped:
                events.Tell(new TeacherStopped(stopped.Endpoint, stopped.Message));
                break;
        }
    }
}
