using static TorchSharp.torch;

namespace Orca.Training.Optimization;

/// <summary>Moves the master weights of <see cref="FlatParameters"/> along their gradients. Owned by the trainer's thread.</summary>
public interface IOptimizer : IDisposable
{
    /// <summary>Steps made.</summary>
    long Steps { get; }

    /// <summary>[N] float32, laid out like the master weights: what is saved and restored.</summary>
    Tensor FirstMoments { get; }

    /// <summary>[N] float32, laid out like the master weights; zero where the optimizer keeps no second moment.</summary>
    Tensor SecondMoments { get; }

    /// <summary>Moves the master weights along <see cref="FlatParameters.Gradients"/>, then refreshes the leaves.</summary>
    void Step(double learningRate);

    /// <summary>Goes on from saved moments; the caller fills <see cref="FirstMoments"/> and <see cref="SecondMoments"/>.</summary>
    /// <param name="steps">Steps made until they were saved.</param>
    void Restore(long steps);
}

/// <summary>Which optimizer moves the matrices of the student's layers; norms, embedding and head are always AdamW's.</summary>
public enum OptimizerKind
{
    /// <summary><see cref="Optimization.AdamW"/>: the usual choice for fine-tuning a pretrained student.</summary>
    AdamW,

    /// <summary><see cref="Optimization.Muon"/>: learns more from each token when a student starts from random weights.</summary>
    Muon,
}
