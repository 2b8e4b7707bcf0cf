using System.Text.RegularExpressions;
using Orca.Tests.Shared;

namespace Orca.EndToEnd.Tests;

/// <summary>
/// Using directives stand in one order: those of namespaces, of types, of aliases; of each the system's first, then by name. The formatter
/// knows it too, but takes a minute and a half to say so.
/// </summary>
public sealed partial class ImportOrderTests
{
    [Fact]
    public void Using_directives_are_in_order()
    {
        var files = new[] { "src", "tests" }
            .SelectMany(room => Directory.GetFiles(Path.Combine(Repository.Root, room), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .ToList();

        Assert.True(files.Count > 500, "the sources are there");
        Assert.DoesNotContain(files, file => !IsOrdered(File.ReadLines(file)));
    }

    [Theory]
    [InlineData(
        true, "using System.Text;", "using Orca.Model;", "using static System.Math;", "using Wire = Orca.Protocol;", "namespace X;")]
    [InlineData(true, "using Orca.Model;", "using Orca.Model.Network;", "namespace X;", "using Orca.A;")]
    [InlineData(false, "using Orca.Model;", "using System.Text;")]
    [InlineData(false, "using Orca.Training.Loss;", "using Orca.Model.Network;")]
    [InlineData(false, "using static System.Math;", "using Orca.Model;")]
    public void The_search_finds_what_it_is_for(bool isOrdered, params string[] lines) => Assert.Equal(isOrdered, IsOrdered(lines));

    private static bool IsOrdered(IEnumerable<string> lines)
    {
        var found = lines.TakeWhile(line => !line.StartsWith("namespace", StringComparison.Ordinal))
            .Select(line => Directive().Match(line))
            .Where(match => match.Success)
            .Select(match => (Kind(match), match.Groups["name"].Value.StartsWith("System", StringComparison.Ordinal) ? 0 : 1,
                match.Groups["name"].Value.ToLowerInvariant()))
            .ToList();
        return found.SequenceEqual(
            found.OrderBy(one => one.Item1).ThenBy(one => one.Item2).ThenBy(one => one.Item3, StringComparer.Ordinal));
    }

    private static int Kind(Match directive) => directive.Groups["alias"].Success ? 2 : directive.Groups["static"].Success ? 1 : 0;

    [GeneratedRegex(@"^using (?<static>static )?(?<name>[\w.]+)(?<alias> = .*)?;$")]
    private static partial Regex Directive();
}
