namespace Orca.Streams.Teachers.Batches;

/// <summary>A request that is, or will be, in a batch, and whoever waits for its answer.</summary>
internal sealed class WaitingAnswer(TeacherRequest request)
{
    private readonly TaskCompletionSource<Trace> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What is asked.</summary>
    public TeacherRequest Request => request;

    /// <summary>Batches it was in so far.</summary>
    public int Batches { get; set; }

    /// <summary>Whether nobody waits for it any more, and it is in no batch.</summary>
    public bool IsLeft { get; set; }

    /// <summary>Whether it is in a batch that is not settled.</summary>
    public bool IsInBatch { get; set; }

    /// <summary>The answer, when it is there.</summary>
    public Task<Trace> Answer => answer.Task;

    /// <summary>It is answered.</summary>
    public void Complete(Trace trace) => answer.TrySetResult(trace);

    /// <summary>It will not be.</summary>
    public void Fail(TeacherException why)
    {
        if (answer.TrySetException(why))
        {
            // Maybe nobody waits: that is no fault of the process.
            _ = answer.Task.Exception;
        }
    }
}
