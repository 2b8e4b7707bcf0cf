using Orca.Model.Checkpoints;
using Orca.Model.Network;
using static TorchSharp.torch;

namespace Orca.Training.Running;

/// <summary>Makes a learner and gives it its first weights. Used on the trainer's thread.</summary>
internal static class StudentLoader
{
    /// <summary>A learner for a student, on the device of the options.</summary>
    /// <exception cref="TrainingException">The device is not there, or tokenizer and network do not fit.</exception>
    public static Learner NewLearner(TrainerOptions options, Student student)
    {
        if (options.Threads > 0)
        {
            set_num_threads(options.Threads);
        }

        if (options.Device != "cpu" && !cuda.is_available())
        {
            throw new TrainingException($"training.device is '{options.Device}', but this libtorch finds no CUDA device; use cpu, or a "
                + "CUDA build.");
        }

        if (VocabularyFit.Fault(student.Config.VocabularySize, student.Tokenizer) is { } fault)
        {
            throw new TrainingException($"Student: {fault}.");
        }

        if (options.SequenceLength > student.Config.MaxPositions)
        {
            throw new TrainingException(
                $"training.sequenceLength is {options.SequenceLength}, but the student has {student.Config.MaxPositions} positions; use "
                    + "at most as many.");
        }

        return new Learner(student.Config, options);
    }

    /// <summary>Fills a learner with the weights of the student's folder, or with fresh ones.</summary>
    /// <exception cref="Orca.Model.ModelFormatException">
    /// The folder is damaged, or its weights have other shapes than the student.
    /// </exception>
    public static void LoadFirstWeights(Learner learner, TrainerOptions options, Student student)
    {
        if (student.WeightsFolder is { } folder)
        {
            using var checkpoint = Checkpoint.Open(folder);
            learner.Load(checkpoint.Weight);
            return;
        }

        LlamaParameters.Initialize(student.Config, options.Seed, learner.Load);
    }
}
