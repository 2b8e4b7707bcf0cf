using Orca.Training.Parameters;

namespace Orca.Training.Optimization;

/// <summary>Moves weights along their gradients, a bucket at a time. Owned by the trainer's thread.</summary>
public interface IOptimizer : IDisposable
{
    /// <summary>Steps begun.</summary>
    long Steps { get; }

    /// <summary>Whether it keeps second moments of a bucket's parameters.</summary>
    bool HasSecondMoments(BucketLayout bucket);

    /// <summary>Begins a step, in which each bucket is moved once.</summary>
    void Begin(double learningRate);

    /// <summary>Moves a bucket's weights along its gradients.</summary>
    /// <param name="bucket">The bucket, with this optimizer's moments.</param>
    /// <param name="rounding">How what is stored narrower than float32 is rounded.</param>
    void Move(ParameterBucket bucket, Rounding rounding);

    /// <summary>Goes on from saved moments.</summary>
    /// <param name="steps">Steps begun until they were saved.</param>
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
