using Orca.Training.Packing;

namespace Orca.Training.Checkpoints;

/// <summary>What a checkpoint keeps of a run beside weights and optimizer state.</summary>
/// <param name="State">The counters.</param>
/// <param name="Packer">Lessons that had been taken and not yet learned from.</param>
/// <param name="Recipe">What it was trained by; null in checkpoints that do not say.</param>
internal sealed record SavedRun(TrainerState State, PackerState Packer, TrainingRecipe? Recipe);
