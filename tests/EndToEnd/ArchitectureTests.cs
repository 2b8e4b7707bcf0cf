using System.Xml.Linq;
using Orca.Tests.Shared;

namespace Orca.EndToEnd.Tests;

/// <summary>The house of the design: no room knows one above it or beside it.</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Model"] = [],
        ["Streams"] = [],
        ["Training"] = ["Model", "Streams"],
        ["Serving"] = ["Model", "Streams"],
        // One definition of a right answer serves screening and examinations alike.
        ["Evaluation"] = ["Streams"],
        ["Cli"] = ["Evaluation", "Model", "Serving", "Streams", "Training"],
    };

    private static string Rooms => Path.Combine(Repository.Root, "src");

    [Fact]
    public void There_are_the_rooms_of_the_design_and_no_others()
    {
        Assert.Equal(Allowed.Keys.Order(), Directory.GetDirectories(Rooms).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Rooms_reference_only_what_lies_below_them()
    {
        foreach (var (room, below) in Allowed)
        {
            Assert.Equal(below, ProjectReferences(room).Order());
        }
    }

    [Fact]
    public void Streams_and_evaluation_know_no_tensor_library()
    {
        foreach (var room in new[] { "Streams", "Evaluation" })
        {
            Assert.DoesNotContain(Packages(room), package => package.StartsWith("TorchSharp", StringComparison.Ordinal));
            Assert.Equal("false", Project(room).Descendants("UsesLibTorch").Single().Value);
        }
    }

    [Fact]
    public void Only_the_command_writes_to_the_console()
    {
        var offenders = from room in Allowed.Keys
                        where room != "Cli"
                        from file in Directory.GetFiles(Path.Combine(Rooms, room), "*.cs", SearchOption.AllDirectories)
                        where !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                        where File.ReadAllText(file).Contains("Console.Write", StringComparison.Ordinal)
                        select file;
        Assert.Empty(offenders);
    }

    private static XDocument Project(string room) => XDocument.Load(Path.Combine(Rooms, room, $"Orca.{room}.csproj"));

    private static IEnumerable<string> ProjectReferences(string room) =>
        Project(room).Descendants("ProjectReference").Select(reference => reference.Attribute("Include")!.Value.Split('/')[1]);

    private static IEnumerable<string> Packages(string room) =>
        Project(room).Descendants("PackageReference").Select(reference => reference.Attribute("Include")!.Value);
}
