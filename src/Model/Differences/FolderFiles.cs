using System.Collections.Immutable;

namespace Orca.Model.Differences;

/// <summary>The files that make a model's folder: all but the state of its training and what lies in hidden folders.</summary>
/// <param name="Names">Their paths within the folder, with '/' between folders, in order.</param>
/// <param name="LeftOut">The folders that are no part of it.</param>
internal sealed record FolderFiles(ImmutableArray<string> Names, ImmutableArray<string> LeftOut)
{
    private const string TrainerFolder = "trainer";

    /// <summary>Those of a folder.</summary>
    public static FolderFiles Of(string folder)
    {
        var (names, leftOut) = (new List<string>(), new List<string>());
        Add("");
        names.Sort(StringComparer.Ordinal);
        return new FolderFiles([.. names], [.. leftOut.Order(StringComparer.Ordinal)]);

        void Add(string inner)
        {
            var here = Path.Combine(folder, inner);
            names.AddRange(Directory.EnumerateFiles(here).Select(path => inner + Path.GetFileName(path)));
            foreach (var below in Directory.EnumerateDirectories(here).Select(path => Path.GetFileName(path)!))
            {
                if (below.StartsWith('.') || inner + below == TrainerFolder)
                {
                    leftOut.Add(inner + below);
                }
                else
                {
                    Add(inner + below + "/");
                }
            }
        }
    }
}
