using System.Globalization;

namespace Orca.Model.Checkpoints;

/// <summary>Names within a folder of checkpoints.</summary>
internal static class CheckpointLayout
{
    public const string ConfigName = "config.json";

    public const string GenerationConfigName = "generation_config.json";

    public const string ManifestName = "orca.json";

    /// <summary>The folder of chat templates with other names than the default.</summary>
    public const string TemplatesFolder = Prompting.ChatTemplateFiles.OthersFolder;

    /// <summary>The file that holds the name of the newest checkpoint's folder.</summary>
    public const string PointerName = "latest";

    /// <summary>Folders that begin so are being written or deleted; nobody but the publisher looks at them.</summary>
    public const string HiddenPrefix = ".step-";

    private const string Prefix = "step-";

    public static string FolderName(long step) => Prefix + step.ToString("D8", CultureInfo.InvariantCulture);

    /// <summary>The step of a published folder's name; null for any other name.</summary>
    public static long? StepOf(string folderName) =>
        folderName.StartsWith(Prefix, StringComparison.Ordinal)
        && long.TryParse(folderName.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step)
        && FolderName(step) == folderName
            ? step
            : null;

    /// <summary>A hidden name beside a checkpoint's own, not used by anyone else.</summary>
    public static string HiddenName(long step) => $".{FolderName(step)}-{Guid.NewGuid():N}";
}
