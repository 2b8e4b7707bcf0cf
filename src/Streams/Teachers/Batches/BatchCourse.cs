using System.Globalization;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Streams.Teachers.Batches;

/// <summary>
/// Takes a batch from wherever it is to where its answers are on disk, in steps each of which is remembered before the next. A step that
/// was cut off is done again, which costs nothing but for creating; that is done again only where no batch carries the marker.
/// </summary>
internal sealed class BatchCourse(BatchFolder folder, BatchApi api, EndpointOptions endpoint, BatchOptions options, TimeProvider time)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    // A file that stays short after so many downloads is taken to be all that there is.
    private const int Downloads = 5;

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
                failures = 0;
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
                if (time.GetElapsedTime(since) >= options.GiveUpAfter)
                {
                    throw Fault(state, failure.Attempt, TeacherFault.Temporary);
                }

                await Task.Delay(PauseAfter(failures, failure.Attempt.RetryAfter), time, cancellationToken);
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
