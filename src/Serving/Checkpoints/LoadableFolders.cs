using System.Collections.Immutable;
using Orca.Serving.Requests;

namespace Orca.Serving.Checkpoints;

/// <summary>Folders that callers may have checkpoints loaded from: the one that is served, and those that its owner names.</summary>
/// <param name="served">The folder of checkpoints, or the model, that is served.</param>
/// <param name="others">Further ones.</param>
public sealed class LoadableFolders(string served, ImmutableArray<string> others)
{
    private readonly ImmutableArray<string> roots = [.. others.Prepend(served).Select(Path.GetFullPath)];

    /// <summary>The path of a checkpoint that a caller names.</summary>
    /// <param name="checkpoint">Name of a checkpoint in one of the folders, or a path within one.</param>
    /// <exception cref="GenerationException">It lies outside; whether there is something is not looked at then.</exception>
    public string Resolve(string checkpoint)
    {
        // A folder may be served by a link's name, and asked for by its own.
        if (!checkpoint.Contains('\0'))
        {
            var within = roots.Select(root => Path.GetFullPath(checkpoint, root))
                .Where(path => roots.Any(root => IsWithin(path, root) || IsWithin(path, RealPath(root)))).Distinct().ToList();
            if (within.Count > 0)
            {
                return within.Find(Path.Exists) ?? within[0];
            }
        }

        throw new GenerationException(
            Failure.PermissionDenied,
            $"'{checkpoint}' lies outside the folders that checkpoints are loaded from ({string.Join(", ", roots)}); move it into one, "
                + "or name its folder in serving.checkpointFolders.");
    }

    private static bool IsWithin(string path, string root) =>
        path == root || path.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static string RealPath(string root)
    {
        try
        {
            return Directory.ResolveLinkTarget(root, returnFinalTarget: true)?.FullName ?? root;
        }
        catch (IOException)
        {
            return root;
        }
    }
}
