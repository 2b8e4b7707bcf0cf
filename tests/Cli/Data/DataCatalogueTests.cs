using Orca.Cli.Commands;
using Orca.Cli.Data;
using Orca.Tests.Shared;

namespace Orca.Cli.Tests.Data;

public sealed class DataCatalogueTests
{
    private static readonly Dictionary<string, string> SharedFolders = new()
    {
        ["agieval"] = "agieval",
        ["bbh"] = "bbh",
        ["flan-cot"] = "flan_v2",
        ["gsm8k"] = "gsm8k",
        ["mt-bench"] = "open_ended_eval",
        ["vicuna-bench"] = "open_ended_eval",
    };

    public static TheoryData<string> Names => [.. DataCatalogue.Sets.Select(set => set.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_file_is_the_one_that_was_published(string name)
    {
        var set = DataCatalogue.Find(name);
        var folder = SharedData.Require(SharedFolders[name]);
        var rows = File.ReadLines(Path.Combine(folder, "SOURCES.md"))
            .Where(line => line.StartsWith('|'))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries))
            .ToList();
        Assert.Equal(
            ["file", "repository", "path in it", "commit", "licence", "bytes", "sha256", "what", "form"], rows[0]);
        foreach (var file in set.Files)
        {
            var row = rows.Single(row => row[1] == set.Repository && row[3] == set.Commit && row[2] == file.Origin);
            Assert.Equal(("verbatim", $"{file.Bytes}", file.Sha256), (row[8], row[5], row[6]));
            Assert.True(row[4] == file.Licence || (row[4], file.Licence) == ("see file", "-"), $"{row[4]} is told as {file.Licence}");
            Assert.Equal(file.Sha256, await Download.DigestAsync(Path.Combine(folder, row[0]), TestContext.Current.CancellationToken));
            Assert.Equal(file.Bytes, new FileInfo(Path.Combine(folder, row[0])).Length);
        }
    }

    [Fact]
    public void Every_set_has_its_licence_text_a_whole_commit_and_no_licence_that_forbids_anything()
    {
        foreach (var set in DataCatalogue.Sets)
        {
            Assert.Matches("^[0-9a-f]{40}$", set.Commit);
            Assert.Matches("^[^/]+/[^/]+$", set.Repository);
            Assert.Contains(set.Files, file => file.Path == "LICENSE");
            Assert.All(set.Files, file => Assert.Matches("^[0-9a-f]{64}$", file.Sha256));
            Assert.All(set.Files, file => Assert.Contains(file.Licence, (string[])["MIT", "Apache-2.0", "-"]));
        }
    }

    [Fact]
    public void Every_file_has_a_place_of_its_own_in_the_folder()
    {
        var targets = DataCatalogue.Sets
            .SelectMany(set => set.Downloads(new Uri("https://mirror.example/"), "/data")
                .Select(download => (set.Name, Path: Path.GetFullPath(download.Target))))
            .ToList();
        Assert.All(targets, target => Assert.StartsWith($"/data/{target.Name}/", target.Path, StringComparison.Ordinal));
        Assert.Equal(targets.Count, targets.Distinct().Count());
    }

    [Fact]
    public void What_examines_models_is_not_for_training() => Assert.Equal(
        ["flan-cot"], DataCatalogue.Sets.Where(set => !set.IsEvaluation).Select(set => set.Name));

    [Fact]
    public void Addresses_are_those_of_raw_files_on_GitHub_or_of_a_mirror_with_the_same_paths()
    {
        var set = DataCatalogue.Find("gsm8k");
        Assert.Equal(
            "https://raw.githubusercontent.com/openai/grade-school-math/3101c7d5072418e28b9008a6636bde82a006892c/grade_school_math/data/"
                + "test.jsonl",
            set.Downloads(new Uri("https://raw.githubusercontent.com/"), "data").Single(file => file.Target.EndsWith("test.jsonl")).Source
                .AbsoluteUri);
        Assert.All(
            set.Downloads(new Uri("https://mirror.example/a/b/"), "data"),
            file => Assert.StartsWith("https://mirror.example/a/b/openai/grade-school-math/", file.Source.AbsoluteUri));
    }

    [Theory]
    [InlineData("flan", "flan-cot")]
    [InlineData("gsm", "gsm8k")]
    [InlineData("mtbench", "mt-bench")]
    public void The_nearest_names_are_told_of_one_that_is_unknown(string name, string nearest) => Assert.StartsWith(
        $"There is no data set '{name}'; the nearest are {nearest}, ",
        Assert.Throws<CommandException>(() => DataCatalogue.Find(name)).Message);

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("../bbh")]
    public void What_is_no_name_is_none(string name) => Assert.Throws<CommandException>(() => DataCatalogue.Find(name));

    [Fact]
    public void A_word_of_any_length_is_looked_up() =>
        Assert.Throws<CommandException>(() => DataCatalogue.Find(new string('b', 1_000_000)));
}
