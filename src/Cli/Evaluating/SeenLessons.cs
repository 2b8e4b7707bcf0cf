using Orca.Cli.Commands;
using Orca.Cli.Daemon;
using Orca.Evaluation.Suites;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Storage;
using Orca.Training.Checkpoints;

namespace Orca.Cli.Evaluating;

/// <summary>What a run's newest student has been taught, and what of a benchmark is in it.</summary>
internal static class SeenLessons
{
    /// <summary>Whether a folder is that of a run that has collected.</summary>
    public static bool AreIn(string folder) => File.Exists(new RunFolder(folder).Traces);

    /// <summary>What the run's lessons have of a benchmark.</summary>
    /// <exception cref="CommandException">The folder is no run's.</exception>
    public static Contamination In(string folder, EvaluationSuite suite)
    {
        if (!AreIn(folder))
        {
            throw new CommandException(
                $"'{folder}' holds no traces.db; give the folder of the run that taught the student with --lessons.");
        }

        var run = new RunFolder(folder);
        using var store = StoredTraces.Open(run.Traces);
        var state = Directory.Exists(run.Checkpoints) ? LatestCheckpoint.Read(run.Checkpoints)?.Curriculum : null;
        return Contamination.Of(
            suite, folder,
            TaughtTraces.Of(store, state, Stages.All)
                .Select(trace => (trace.Request.Query.Prompt, trace.Answer?.Response ?? "")));
    }
}
