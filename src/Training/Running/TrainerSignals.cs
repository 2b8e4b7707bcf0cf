namespace Orca.Training.Running;

/// <summary>What the trainer's loop tells the outside, and what it is told.</summary>
/// <param name="Requests">Requests for a checkpoint.</param>
/// <param name="Steps">Gets every step.</param>
/// <param name="Publications">Gets every attempt to publish.</param>
/// <param name="Rollbacks">Gets every order to go back to a checkpoint, when it was carried out or refused.</param>
/// <param name="Cancelled">Ends the run cleanly.</param>
internal sealed record TrainerSignals(
    PublishRequests Requests, IObserver<TrainingStep> Steps, IObserver<Publication> Publications, IObserver<Rollback> Rollbacks,
    CancellationToken Cancelled);
