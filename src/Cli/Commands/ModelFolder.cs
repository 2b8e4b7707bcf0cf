using Orca.Model.Checkpoints;

namespace Orca.Cli.Commands;

/// <summary>A model as it is named on a command line.</summary>
internal static class ModelFolder
{
    /// <summary>
    /// The model's folder or file: the one named, or the newest checkpoint of the folder of checkpoints or of the run that is named.
    /// </summary>
    public static string Newest(string path)
    {
        if (Checkpoint.IsModel(path))
        {
            return path;
        }

        var ofRun = Path.Combine(path, "checkpoints");
        var root = Directory.Exists(ofRun) ? ofRun : path;
        return Directory.Exists(root) && new CheckpointRoot(root).Latest() is { } latest ? latest : path;
    }
}
