using System.Collections.Immutable;
using Orca.Cli.Commands;
using Orca.Model.Checkpoints;

namespace Orca.Cli.Daemon;

/// <summary>Where the things of a run lie.</summary>
/// <param name="path">The run's folder.</param>
internal sealed class RunFolder(string path)
{
    /// <summary>The folder itself, full.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Every request, answer, verdict and command.</summary>
    public string Traces => At("traces.db");

    /// <summary>Root of the published checkpoints.</summary>
    public string Checkpoints => At("checkpoints");

    /// <summary>A line of JSON for every training step.</summary>
    public string Metrics => At("metrics.jsonl");

    /// <summary>Reports of the examinations.</summary>
    public string Reports => At("reports");

    /// <summary>Names of the checkpoints that are there, in order.</summary>
    public ImmutableArray<string> CheckpointNames() =>
        [.. new CheckpointRoot(Checkpoints).List().Select(folder => System.IO.Path.GetFileName(folder))];

    /// <summary>Makes it where it is missing.</summary>
    /// <exception cref="CommandException">It cannot be.</exception>
    public void Make()
    {
        try
        {
            Directory.CreateDirectory(Path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"The run's folder '{Path}' cannot be made ({failure.Message.TrimEnd('.')}); name a folder that "
                + "can be "
                + "written with --run or the setting run.folder.");
        }
    }

    private string At(string name) => System.IO.Path.Combine(Path, name);
}
