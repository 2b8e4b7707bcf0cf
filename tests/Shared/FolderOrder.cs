using System.Text.RegularExpressions;

namespace Orca.Tests.Shared;

/// <summary>The folders of a room in the order in which they may name each other: a file names only those that stand before its own.</summary>
/// <param name="room">Name of the room, such as <c>Streams</c>.</param>
/// <param name="inOrder">Its folders.</param>
internal sealed partial class FolderOrder(string room, params string[] inOrder)
{
    /// <summary>The folders that there are, by name.</summary>
    public IEnumerable<string> Found => Directory.EnumerateDirectories(Root).Select(path => Path.GetFileName(path)!)
        .Except(["bin", "obj"]).Order();

    /// <summary>The folders that have a place, by name.</summary>
    public IEnumerable<string> Named => inOrder.Order();

    private string Root => Path.Combine(Repository.Root, "src", room);

    /// <summary>Who names a folder that it may not.</summary>
    /// <param name="others">Further pairs of folders, the first of which may not name the second.</param>
    public IEnumerable<string> Faults(params (string Folder, string Other)[] others) =>
        from folder in inOrder
        from file in Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
        from Match match in Names().Matches(File.ReadAllText(file))
        where match.Groups["room"].Value == room
        let other = match.Groups["folder"].Value
        where Array.IndexOf(inOrder, other) > Array.IndexOf(inOrder, folder) || others.Contains((folder, other))
        select $"{Path.GetFileName(file)} of {folder} names {other}";

    [GeneratedRegex(@"Orca\.(?<room>[A-Z]\w+)\.(?<folder>[A-Z]\w+)[.;]")]
    private static partial Regex Names();
}
