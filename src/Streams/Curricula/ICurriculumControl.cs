namespace Orca.Streams.Curricula;

/// <summary>Steering the curriculum while it runs.</summary>
/// <remarks>
/// Every command is named by its caller, with at most 128 characters: given again under the same name, also after a restart, it is
/// not carried out again but answered with the first one's revision. It is journaled before it takes effect.
/// </remarks>
public interface ICurriculumControl
{
    /// <summary>The status now.</summary>
    CurriculumStatus Status { get; }

    /// <summary>
    /// Checkpoints asked for by <see cref="PublishNowAsync"/>, as they are asked for. Hot; heard on the curriculum's loop. The first who
    /// subscribes hears at once of those that were acknowledged and that no checkpoint has seen, as a kill leaves them.
    /// </summary>
    IObservable<PublishRequest> PublishRequests { get; }

    /// <summary>
    /// No further task is put to a teacher and nothing is taught again until <see cref="ResumeAsync"/>, also across a restart; what is
    /// on its way still arrives.
    /// </summary>
    /// <returns>The revision after the command.</returns>
    /// <exception cref="ArgumentException">The command's name is empty or too long, or names another kind of command.</exception>
    Task<long> PauseAsync(string commandId, CancellationToken cancellationToken);

    /// <summary>Ends a pause.</summary>
    /// <returns>The revision after the command.</returns>
    /// <exception cref="ArgumentException">The command's name is empty or too long, or names another kind of command.</exception>
    Task<long> ResumeAsync(string commandId, CancellationToken cancellationToken);

    /// <summary>Changes weights of collections for the tasks asked from now on; a collection that is not named keeps its weight.</summary>
    /// <returns>The revision after the command.</returns>
    /// <exception cref="ArgumentException">
    /// A weight is no number of 0 or more, all would be 0, a collection is unknown, or the command's name is not good.
    /// </exception>
    Task<long> SetMixtureAsync(string commandId, IReadOnlyDictionary<string, double> weights, CancellationToken cancellationToken);

    /// <summary>
    /// Sets limits of screens for the answers judged from now on; a screen that is not named keeps its limit. What was rejected by another
    /// limit is judged again at the next start.
    /// </summary>
    /// <param name="commandId">The command's name.</param>
    /// <param name="limits">Limits by screen, 0 or more; without end for a screen that is switched off.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The revision after the command.</returns>
    /// <exception cref="ArgumentException">
    /// A limit is below 0 or no number, a screen is unknown, none is named, or the command's name is not good.
    /// </exception>
    Task<long> SetScreensAsync(string commandId, IReadOnlyDictionary<string, double> limits, CancellationToken cancellationToken);

    /// <summary>
    /// Sets how published versions are judged before they may answer, from the next one on; what is null keeps its value.
    /// </summary>
    /// <returns>The revision after the command.</returns>
    /// <exception cref="ArgumentException">Nothing is set, a value is out of range, or the command's name is not good.</exception>
    Task<long> SetGateAsync(string commandId, GateTuning gate, CancellationToken cancellationToken);

    /// <summary>Asks the trainer for a checkpoint after its current step.</summary>
    /// <returns>The revision after the command.</returns>
    /// <exception cref="ArgumentException">The command's name is empty or too long, or names another kind of command.</exception>
    Task<long> PublishNowAsync(string commandId, CancellationToken cancellationToken);

    /// <summary>The status now and at every interval until the curriculum has finished.</summary>
    IAsyncEnumerable<CurriculumStatus> WatchAsync(TimeSpan interval, CancellationToken cancellationToken);
}

/// <summary>A checkpoint is asked for.</summary>
/// <param name="Revision">The curriculum's revision.</param>
/// <param name="CommandId">The command's name.</param>
public sealed record PublishRequest(long Revision, string CommandId);
