using Orca.Model.Network;
using Orca.Model.Weights;

namespace Orca.Model.Checkpoints;

/// <summary>
/// Publishes checkpoints: written under a hidden name beside, forced to the disk, renamed, and only then named by the
/// pointer. Whatever stops it, a folder with a checkpoint's name is whole. One publisher a root at a time.
/// </summary>
public static class CheckpointPublisher
{
    /// <summary>Writes a draft and makes it the latest checkpoint of a root.</summary>
    /// <param name="root">Folder of all checkpoints of a run; made where it is missing.</param>
    /// <param name="draft">What to write.</param>
    /// <returns>Path of the published folder.</returns>
    /// <exception cref="CheckpointException">
    /// It cannot be written, as on a full disk, or the step is the latest checkpoint already; the latest stays what it was.
    /// </exception>
    public static string Publish(string root, CheckpointDraft draft)
    {
        var target = Path.Combine(root, CheckpointLayout.FolderName(draft.Step));
        var hidden = Path.Combine(root, CheckpointLayout.HiddenName(draft.Step));
        try
        {
            Directory.CreateDirectory(root);
            HideUnannounced(root, target, draft.Step);
            RemoveLeftovers(root);
            Directory.CreateDirectory(hidden);
            Write(hidden, draft);
            Directory.Move(hidden, target);
            Durable.FlushFolder(root);
            Durable.Replace(Path.Combine(root, CheckpointLayout.PointerName), Path.GetFileName(target) + "\n");
            return target;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(
                $"Checkpoint '{target}' was not published: {e.Message.TrimEnd('.')}. {Remove(hidden)}".TrimEnd(), e);
        }
        catch
        {
            Remove(hidden);
            throw;
        }
    }

    private static void Write(string folder, CheckpointDraft draft)
    {
        File.WriteAllText(
            Path.Combine(folder, CheckpointLayout.ConfigName), (draft.Config with { WeightType = draft.WeightType }).ToJson());
        File.WriteAllText(Path.Combine(folder, CheckpointLayout.GenerationConfigName), GenerationConfig.Of(draft.Config));
        draft.Tokenizer.Save(folder);
        draft.Template.Save(folder);
        SafetensorsWriter.Write(
            Path.Combine(folder, ShardedWeights.SingleFileName),
            LlamaParameters.ShapesOf(draft.Config).ToDictionary(shape => shape.Name, shape => draft.Weights[shape.Name]),
            draft.WeightType);
        foreach (var extra in draft.Extras)
        {
            extra.Write(Directory.CreateDirectory(Path.Combine(folder, extra.Folder)).FullName);
        }

        var manifest = new CheckpointManifest
        {
            Step = draft.Step,
            Parent = draft.Parent,
            Digests = FolderDigests.Seal(folder),
            TemplateHash = draft.Template.Hash,
            Template = draft.Template.Description,
            CurriculumRevision = draft.CurriculumRevision,
            Created = draft.Created,
        };
        Durable.WriteNew(Path.Combine(folder, CheckpointLayout.ManifestName), manifest.ToJson());
        foreach (var inner in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Append(folder))
        {
            Durable.FlushFolder(inner);
        }
    }

    // What a publisher that was killed has left.
    private static void RemoveLeftovers(string root)
    {
        foreach (var leftover in Directory.EnumerateDirectories(root, CheckpointLayout.HiddenPrefix + "*"))
        {
            Directory.Delete(leftover, recursive: true);
        }
    }

    // Killed between rename and pointer, a run goes on from the checkpoint before and comes to the same step again.
    private static void HideUnannounced(string root, string target, long step)
    {
        if (new CheckpointRoot(root).Latest() == target)
        {
            throw new CheckpointException($"Checkpoint '{target}' is published already; a published checkpoint does not change.");
        }

        if (Directory.Exists(target))
        {
            Directory.Move(target, Path.Combine(root, CheckpointLayout.HiddenName(step)));
        }
    }

    private static string Remove(string hidden)
    {
        try
        {
            if (Directory.Exists(hidden))
            {
                Directory.Delete(hidden, recursive: true);
            }

            return "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next publication tries again.
            return $"Its unfinished folder '{hidden}' is still there.";
        }
    }
}
