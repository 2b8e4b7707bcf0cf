namespace Orca.Streams.Curricula.Control;

/// <summary>
/// Has the student be what it was in a checkpoint, before the next step: weights, moments, and what it had been taught. What was taught
/// since then is taught again by the mixture and policy of now; steps and lessons are counted on, and no checkpoint is removed.
/// </summary>
/// <param name="Checkpoint">Name of the checkpoint's folder, such as <c>step-00001200</c>.</param>
public sealed record RollBackCommand(string Checkpoint) : CurriculumCommand
{
    internal const string Name = "rollback";

    /// <inheritdoc/>
    public override string Kind => Name;

    internal override string? FaultIn(Steering steering, Steerable known) =>
        !known.IsTrained ? "No student is trained in this process, so none can be rolled back; send this to the one that trains."
        : known.Checkpoints() is var there && there.Contains(Checkpoint) ? null
        : there.IsEmpty ? $"There is no checkpoint '{Checkpoint}', nor any other yet; publish one first."
        : $"There is no checkpoint '{Checkpoint}'; there are {string.Join(", ", there)}.";

    // Which one is meant is known by the revision that the command makes.
    internal override Steering ApplyTo(Steering steering) => steering with { RollBack = new RollBackOrder(steering.Revision, Checkpoint) };
}
