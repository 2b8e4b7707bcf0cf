using System.Text.RegularExpressions;
using Orca.Tests.Shared;

namespace Orca.Streams.Tests;

/// <summary>The folders of the room depend one way: a file names only those that stand before its own.</summary>
public partial class FolderTests
{
    private static readonly string[] InOrder =
        ["Answers", "Tasks", "Sieves", "Teachers", "Screening", "Scoring", "Storage", "Bus", "Collecting", "Curricula"];

    [Fact]
    public void No_folder_names_one_that_stands_after_it()
    {
        var room = Path.Combine(Repository.Root, "src", "Streams");
        var arrows = from folder in InOrder
                     from file in Directory.EnumerateFiles(Path.Combine(room, folder), "*.cs", SearchOption.AllDirectories)
                     from Match match in Named().Matches(File.ReadAllText(file))
                     let other = match.Groups["folder"].Value
                     where IsForbidden(folder, other)
                     select $"{Path.GetFileName(file)} of {folder} names {other}";
        Assert.Empty(arrows);
    }

    [Fact]
    public void Every_folder_has_its_place_in_the_order() => Assert.Equal(
        InOrder.Order(),
        Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src", "Streams")).Select(path => Path.GetFileName(path)!)
            .Except(["bin", "obj"]).Order());

    // Collecting and curricula meet on the bus alone.
    private static bool IsForbidden(string folder, string other) =>
        Array.IndexOf(InOrder, other) > Array.IndexOf(InOrder, folder) || (folder, other) == ("Curricula", "Collecting");

    [GeneratedRegex(@"Orca\.Streams\.(?<folder>[A-Z]\w+)[.;]")]
    private static partial Regex Named();
}
