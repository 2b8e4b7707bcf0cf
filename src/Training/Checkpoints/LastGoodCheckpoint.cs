using Orca.Model;
using Orca.Model.Checkpoints;

namespace Orca.Training.Checkpoints;

/// <summary>Finds the checkpoint that a run can go on from: the newest whose every file has its digest.</summary>
internal static class LastGoodCheckpoint
{
    private const string DamagedPrefix = "damaged-";

    /// <summary>
    /// It, for the caller to dispose; null where the run has none yet. Damaged ones that are newer are renamed, so that nobody takes them
    /// and their steps can be made again.
    /// </summary>
    /// <param name="root">Folder of the run's checkpoints.</param>
    /// <param name="passedOver">Told in a sentence of each that is passed over.</param>
    /// <exception cref="ModelFormatException">All are damaged; the message is that of the newest, and none was renamed.</exception>
    /// <exception cref="TrainingException">The newest holds no trainer's state.</exception>
    public static Checkpoint? Open(string root, Action<string>? passedOver)
    {
        var all = new CheckpointRoot(root);
        if (all.Latest() is not { } latest)
        {
            return null;
        }

        // By step; the pointer's first, whatever is beside it.
        var candidates = all.List().Reverse().SkipWhile(folder => folder != latest).Prepend(latest).Distinct().ToList();
        var damaged = new List<(string Folder, ModelFormatException Fault)>();
        foreach (var folder in candidates)
        {
            try
            {
                var checkpoint = OpenWhole(folder);
                damaged.ForEach(one => SetAside(one.Folder, one.Fault, folder, passedOver));
                return checkpoint;
            }
            catch (ModelFormatException fault)
            {
                damaged.Add((folder, fault));
            }
        }

        throw damaged[0].Fault;
    }

    private static Checkpoint OpenWhole(string folder)
    {
        var checkpoint = Checkpoint.Open(folder);
        try
        {
            TrainerFolder.Folder(checkpoint);
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    private static void SetAside(string folder, ModelFormatException fault, string good, Action<string>? passedOver)
    {
        var aside = Path.Combine(Path.GetDirectoryName(folder)!, DamagedPrefix + Path.GetFileName(folder));
        try
        {
            if (Directory.Exists(aside))
            {
                Directory.Delete(aside, recursive: true);
            }

            Directory.Move(folder, aside);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException(
                $"'{folder}' is damaged ({fault.Message.TrimEnd('.')}) and cannot be renamed: {failure.Message.TrimEnd('.')}; move it away "
                    + $"to go on from '{Path.GetFileName(good)}'.", failure);
        }

        passedOver?.Invoke(
            $"'{Path.GetFileName(folder)}' is damaged and passed over ({fault.Message.TrimEnd('.')}); going on from "
                + $"'{Path.GetFileName(good)}'. It lies in '{aside}' now.");
    }
}
