using System.Text.RegularExpressions;
using Orca.Tests.Shared;

namespace Orca.Training.Tests;

/// <summary>The folders of the room depend one way: a file names only those that stand before its own.</summary>
public partial class FolderTests
{
    private static readonly string[] InOrder =
        ["Packing", "Parameters", "Optimization", "Loss", "Activations", "Memory", "Checkpoints", "Running"];

    [Fact]
    public void No_folder_names_one_that_stands_after_it()
    {
        var room = Path.Combine(Repository.Root, "src", "Training");
        var arrows = from folder in InOrder
                     from file in Directory.EnumerateFiles(Path.Combine(room, folder), "*.cs", SearchOption.AllDirectories)
                     from Match match in Named().Matches(File.ReadAllText(file))
                     let other = match.Groups["folder"].Value
                     where Array.IndexOf(InOrder, other) > Array.IndexOf(InOrder, folder)
                     select $"{Path.GetFileName(file)} of {folder} names {other}";
        Assert.Empty(arrows);
    }

    [Fact]
    public void Every_folder_has_its_place_in_the_order() => Assert.Equal(
        InOrder.Order(),
        Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src", "Training")).Select(path => Path.GetFileName(path)!)
            .Except(["bin", "obj"]).Order());

    [GeneratedRegex(@"Orca\.Training\.(?<folder>[A-Z]\w+)[.;]")]
    private static partial Regex Named();
}
