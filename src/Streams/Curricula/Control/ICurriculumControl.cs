using Orca.Streams.Curricula.Watching;

namespace Orca.Streams.Curricula.Control;

/// <summary>Steering the curriculum while it runs. Safe to use from several threads.</summary>
public interface ICurriculumControl
{
    /// <summary>The status now.</summary>
    CurriculumStatus Status { get; }

    /// <summary>What has happened in the run, for those who watch it.</summary>
    RunHistory History { get; }

    /// <summary>
    /// Checkpoints asked for by <see cref="PublishCommand"/>, as they are asked for. Hot; heard on the curriculum's loop. The first who
    /// subscribes hears at once of those that were acknowledged and that no checkpoint has seen, as a kill leaves them.
    /// </summary>
    IObservable<PublishRequest> PublishRequests { get; }

    /// <summary>
    /// Has a command take effect: it is journaled first, and then acts on the next draw, lesson and step. One that was done before under
    /// its id is answered as it was then.
    /// </summary>
    /// <exception cref="CommandRefusedException">It is refused, and nothing has changed.</exception>
    Task<CommandReceipt> ApplyAsync(CommandEnvelope envelope, CancellationToken cancellationToken);
}

/// <summary>A checkpoint is asked for.</summary>
/// <param name="Revision">The curriculum's revision.</param>
/// <param name="CommandId">The command's name; empty where no command asks for it.</param>
public sealed record PublishRequest(long Revision, string CommandId);
