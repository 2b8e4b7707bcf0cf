using Orca.Streams.Curricula.Lessons;
using Orca.Training.Optimization;

namespace Orca.Training.Tests.Reference;

/// <summary>The steps of a plain student: gradient, clipping, optimizer.</summary>
internal sealed class PlainTraining(PlainStudent student, TrainerOptions options)
{
    private readonly PlainAdamW adam = new(options.AdamW.Beta1, options.AdamW.Beta2, options.AdamW.Epsilon, options.AdamW.WeightDecay);
    private readonly PlainMuon muon = new(options.Muon.Momentum, options.AdamW.WeightDecay);

    /// <summary>Makes one; gives the loss before it.</summary>
    public double Step(IReadOnlyList<Lesson> lessons, double rate)
    {
        var loss = student.LossAndGradient(lessons);
        PlainClipping.Clip(student.Weights, options.MaxGradientNorm);
        if (options.Optimizer == OptimizerKind.AdamW)
        {
            adam.Step(student.Weights, rate);
            return loss;
        }

        var matrices = student.Weights
            .Where(weight => weight.Rows > 1 && weight.Name.StartsWith("model.layers.", StringComparison.Ordinal));
        muon.Step(matrices, rate * options.Muon.LearningRate / options.Schedule.Peak);
        adam.Step(student.Weights.Except(matrices), rate);
        return loss;
    }
}
