using System.Globalization;

namespace Orca.Model.Checkpoints;

/// <summary>Publishes copies of a model as checkpoints of another step: what a reload is measured and tested with.</summary>
public static class CheckpointCopy
{
    /// <summary>Copies a model's folder into a folder of checkpoints, as whole as a trainer publishes it.</summary>
    /// <param name="source">The model's folder: a checkpoint, or one from elsewhere.</param>
    /// <param name="root">Folder of checkpoints; made where it is missing.</param>
    /// <param name="step">The copy's step; no checkpoint of it may be there.</param>
    /// <param name="created">Now.</param>
    /// <returns>Path of the published folder.</returns>
    /// <exception cref="CheckpointException">It cannot be written, or the step is there already.</exception>
    /// <exception cref="ModelFormatException">The source is no model.</exception>
    public static string Publish(string source, string root, long step, DateTimeOffset created)
    {
        var target = Path.Combine(root, CheckpointLayout.FolderName(step));
        if (Directory.Exists(target))
        {
            throw new CheckpointException($"Checkpoint '{target}' is published already; a published checkpoint does not change.");
        }

        var hidden = Path.Combine(root, CheckpointLayout.HiddenName(step));
        try
        {
            Copy(source, hidden);
            Durable.WriteNew(Path.Combine(hidden, CheckpointLayout.ManifestName), ManifestOf(source, hidden, step, created).ToJson());
            Durable.FlushFolder(hidden);
            Directory.Move(hidden, target);
            Durable.FlushFolder(root);
            Durable.Replace(Path.Combine(root, CheckpointLayout.PointerName), Path.GetFileName(target) + "\n");
            return target;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"Checkpoint '{target}' was not published: {e.Message}", e);
        }
    }

    /// <summary>Deletes a published copy; readers never see it half-deleted.</summary>
    /// <exception cref="CheckpointException">It cannot be deleted.</exception>
    public static void Delete(string folder)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $".{Path.GetFileName(folder)}-{Guid.NewGuid():N}");
        var hidden = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(folder))!, name);
        try
        {
            Directory.Move(folder, hidden);
            Directory.Delete(hidden, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"Checkpoint '{folder}' cannot be deleted: {e.Message}", e);
        }
    }

    private static void Copy(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(source).Where(file => Path.GetFileName(file) != CheckpointLayout.ManifestName))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }

        var templates = Path.Combine(source, CheckpointLayout.TemplatesFolder);
        if (Directory.Exists(templates))
        {
            Copy(templates, Path.Combine(target, CheckpointLayout.TemplatesFolder));
        }
    }

    // Subfolders, such as the trainer's state, are not the model's and stay behind with their digests.
    private static CheckpointManifest ManifestOf(string source, string copy, long step, DateTimeOffset created)
    {
        var digests = FolderDigests.Seal(copy);
        if (CheckpointManifest.Read(source) is { } manifest)
        {
            return manifest with
            {
                Step = step,
                Parent = Path.GetFileName(Path.TrimEndingDirectorySeparator(source)),
                Digests = digests,
                Created = created,
            };
        }

        using var model = Checkpoint.Open(source);
        return new CheckpointManifest
        {
            Step = step,
            Digests = digests,
            TemplateHash = model.Template.Hash,
            Template = model.Template.Description,
            Created = created,
        };
    }
}
