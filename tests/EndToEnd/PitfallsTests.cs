using System.Text.RegularExpressions;
using Orca.Tests.Shared;

namespace Orca.EndToEnd.Tests;

/// <summary>Every pitfall of docs/pitfalls.md names tests that there are, or says why it cannot happen.</summary>
public sealed partial class PitfallsTests
{
    // Of serving, of collecting, of the curriculum, of training, of evaluation.
    private static readonly string[] Pitfalls =
    [
        .. Enumerable.Range(1, 34).Select(number => $"{number}"), .. Enumerable.Range(1, 14).Select(number => $"C{number}"),
        .. Enumerable.Range(1, 11).Select(number => $"K{number}"), .. Enumerable.Range(1, 31).Select(number => $"T{number}"), .. Enumerable.Range(1, 8).Select(number => $"E{number}"),
    ];

    [Fact]
    public void Every_pitfall_is_answered()
    {
        Assert.Equal(Pitfalls, Lines().Select(line => line.Groups["number"].Value));
        Assert.All(Lines(), line => Assert.True(
            Named().IsMatch(line.Value) || line.Value.Contains("Cannot happen:", StringComparison.Ordinal),
            $"'{line.Value}' names no test and no reason"));
    }

    [Fact]
    public void Every_test_that_is_named_is_there()
    {
        var named = Lines().SelectMany(line => Named().Matches(line.Value)).ToList();
        Assert.NotEmpty(named);
        Assert.All(named, test =>
        {
            var file = Path.Combine(Repository.Root, "tests", test.Groups["file"].Value);
            Assert.True(File.Exists(file), $"'{file}' does not exist");
            var declaration = new Regex($@"public (async )?(void|Task) {test.Groups["name"].Value}\(");
            Assert.True(
                declaration.IsMatch(File.ReadAllText(file)), $"{test.Groups["file"].Value} has no test {test.Groups["name"].Value}");
        });
    }

    private static IEnumerable<Match> Lines() =>
        File.ReadLines(Path.Combine(Repository.Root, "docs", "pitfalls.md"))
            .Select(line => Row().Match(line)).Where(match => match.Success);

    [GeneratedRegex(@"^\| (?<number>[CKTE]?\d+) \|.*$")]
    private static partial Regex Row();

    [GeneratedRegex(@"`(?<file>[\w/]+\.cs)` (?<name>[A-Z]\w+_\w+)")]
    private static partial Regex Named();
}
