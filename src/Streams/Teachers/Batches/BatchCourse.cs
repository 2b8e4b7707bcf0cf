using System.Globalization;
using Orca.Streams.Teachers.Endpoints;
using Orca.Streams.Teachers.Scheduling;

namespace Orca.Streams.Teachers.Batches;

/// <summary>
/// Takes a batch from wherever it is to where its answers are on disk, in steps each of which is remembered before the next. A step that
/// was cut off is done again, which costs nothing but for creating; that is done again only where no batch carries the marker.
/// </summary>
/// <param name="folder">Where batches are remembered.</param>
/// <param name="api">The endpoint's interface.</param>
/// <param name="endpoint">The endpoint.</param>
/// <param name="options">How patiently.</param>
/// <param name="putOff">Hears of every step that failed and is done again: why, and after which pause.</param>
/// <param name="time">The clock.</param>
internal sealed class BatchCourse(
    BatchFolder folder, BatchApi api, EndpointOptions endpoint, BatchOptions options, Action<string, TimeSpan> putOff, TimeProvider time)
{
    // An endpoint that was never reached is given up after so many tries: the address is wrong, or nothing runs there.
    private const int TriesToReach = 6;


    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    // A file that stays short after so many downloads is taken to be all that there is.
    private const int Downloads = 5;

    private volatile bool wasReached;

    /// <summary>Takes a batch to <see cref="BatchStep.Downloaded"/>.</summary>
    /// <exception cref="TeacherException">The endpoint is given up, or will not take the batch.</exception>
    public async Task<BatchState> RunAsync(BatchState state, CancellationToken cancellationToken)
    {
        var (failures, since) = (0, 0L);
        while (state.Step < BatchStep.Downloaded)
        {
            try
            {
                var next = await StepAsync(state, cancellationToken);
                (failures, wasReached) = (0, true);
                if (next == state)
                {
                    await Task.Delay(options.Poll, time, cancellationToken);
                }
                else
                {
                    state = folder.Remember(next);
                }
            }
            catch (ChatCallException failure) when (failure.Attempt.Fault == TeacherFault.Temporary)
            {
                since = failures++ == 0 ? time.GetTimestamp() : since;
                wasReached |= failure.Attempt.IsReached;
                if (time.GetElapsedTime(since) >= options.GiveUpAfter || (!wasReached && failures >= TriesToReach))
                {
                    throw Fault(state, failure.Attempt, TeacherFault.Temporary);
                }

                var pause = PauseAfter(failures, failure.Attempt.RetryAfter);
                putOff(AttemptMessages.Of(endpoint, failure.Attempt), pause);
                await Task.Delay(pause, time, cancellationToken);
            }
            catch (ChatCallException failure)
            {
                throw Fault(state, failure.Attempt, TeacherFault.Settings);
            }
        }

        return state;
    }

    private async Task<BatchState> StepAsync(BatchState state, CancellationToken cancellationToken)
    {
        switch (state.Step)
        {
            case BatchStep.Written:
                var name = string.Create(CultureInfo.InvariantCulture, $"orca-{state.Marker}.jsonl");
                var (id, at) = await api.UploadAsync(name, BatchFile.Of(folder.Asked(state), endpoint), cancellationToken);
                return state with { Step = BatchStep.Uploaded, FileId = id, UploadedAt = at };
            case BatchStep.Uploaded:
                return state with { Step = BatchStep.Creating };
            case BatchStep.Creating:
                var created = await api.FindAsync(state.Marker, state.UploadedAt, cancellationToken)
                    ?? await api.CreateAsync(state.FileId!, state.Marker, cancellationToken);
                return state with { Step = BatchStep.Created, BatchId = created };
            case BatchStep.Created:
                return await api.LookAsync(state, cancellationToken);
            default:
                await DownloadAllAsync(state, cancellationToken);
                return state with { Step = BatchStep.Downloaded };
        }
    }

    private async Task DownloadAllAsync(BatchState state, CancellationToken cancellationToken)
    {
        for (var download = 1; ; download++)
        {
            await DownloadAsync(state, state.OutputFileId, isError: false, cancellationToken);
            await DownloadAsync(state, state.ErrorFileId, isError: true, cancellationToken);
            if (download == Downloads || BatchFile.Read(folder.Downloaded(state, isError: false)).Count() >= state.Answers)
            {
                return;
            }

            // What is missing is paid for, and would be asked again.
            await Task.Delay(PauseAfter(download, null), time, cancellationToken);
        }
    }

    private Task DownloadAsync(BatchState state, string? fileId, bool isError, CancellationToken cancellationToken) =>
        fileId is null ? Task.CompletedTask : api.DownloadAsync(fileId, folder.Downloaded(state, isError), cancellationToken);

    private TimeSpan PauseAfter(int failures, TimeSpan? asked)
    {
        var ours = options.FirstPause * Math.Pow(2, Math.Min(failures, 10) - 1);
        ours = ours < LongestPause ? ours : LongestPause;
        return asked > ours ? asked.Value : ours;
    }

    private TeacherException Fault(BatchState state, Attempt attempt, TeacherFault fault) => new(
        $"The teacher at {endpoint.Url} {attempt.Message}; its batch {state.Number} is kept, and the next start goes on with it: mend what "
            + $"is at fault, or delete {folder.FileOf(state)} to give it up and ask its questions anew.",
        attempt.Exception)
    {
        Fault = fault,
        IsReached = attempt.IsReached,
    };
}
