using System.IO.Compression;
using Orca.Streams.Tasks;
using Orca.Streams.Tasks.Files;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Tasks;

public sealed class SourceIndexTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FaultList faults = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Questions_at_random_are_each_given_once_and_skipping_is_exact()
    {
        folder.Write("a.jsonl", string.Concat(Enumerable.Range(0, 1000).Select(n => $"{{\"prompt\": \"a{n}\"}}\n")));
        folder.Write("b.jsonl", string.Concat(Enumerable.Range(0, 77).Select(n => $"{{\"prompt\": \"b{n}\"}}\n")));
        var options = new SourceOptions { IsShuffled = true, Seed = 3 };

        var all = await PromptsAsync(options);

        Assert.Equal(1077, all.Distinct().Count());
        Assert.NotEqual(all.Where(prompt => prompt[0] == 'a'), Enumerable.Range(0, 1000).Select(n => $"a{n}"));
        Assert.Equal(all, await PromptsAsync(options));
        Assert.NotEqual(all, await PromptsAsync(options with { Seed = 4 }));
        Assert.Equal(all.Skip(700), await PromptsAsync(options, 700));
    }

    [Fact]
    public async Task Tasks_that_lie_mixed_in_one_file_are_drawn_from_uniformly()
    {
        folder.Write("mix.jsonl", string.Concat(Enumerable.Range(0, 3000).Select(
            n => $"{{\"prompt\": \"{n}\", \"task_name\": \"{(n % 10 == 0 ? "few" : n % 2 == 0 ? "some" : "many")}\"}}\n")));

        var queries = await Sources.ReadAsync($"jsonl:{folder.Path}", faults, new SourceOptions { IsShuffled = true });

        Assert.Equal(3000, queries.Select(query => query.Prompt).Distinct().Count());
        Assert.InRange(queries.Take(600).Count(query => query.Task == "few"), 150, 250);
        Assert.All(queries, query => Assert.Equal(int.Parse(query.Prompt) % 10 == 0, query.Task == "few"));
    }

    [Fact]
    public async Task No_task_of_Natural_Instructions_gives_more_than_its_cap_whatever_the_file_s_form()
    {
        folder.Write("niv.jsonl", string.Concat(Enumerable.Range(0, 900).Select(
            n => $"{{\"inputs\": \"{n}\", \"targets\": \"x\", \"task_name\": \"task{n % 2}\", \"collection\": \"niv2\"}}\n")));

        var queries = await Sources.ReadAsync($"jsonl:{folder.Path}", faults, new SourceOptions { IsShuffled = true });

        Assert.Equal([300, 300], queries.GroupBy(query => query.Task).Select(task => task.Count()));
        Assert.True(queries.Max(query => int.Parse(query.Prompt)) > 600, "the cap takes the first ones alone");
    }

    [Fact]
    public void A_large_source_is_gone_over_once_and_again_when_a_file_of_it_changes()
    {
        var options = new SourceOptions { CacheFolder = folder["cache"] };
        var path = folder["data/rows.jsonl"];
        Directory.CreateDirectory(folder["data"]);
        Fill(path, 'x', 70 << 20);
        var reads = new Reads();
        var first = TaskSpec.Of($"jsonl:{path}").Open(options, faults, reads).Single();
        Assert.True(reads.Count > 0, "it is gone over");

        reads.Count = 0;
        var again = TaskSpec.Of($"jsonl:{path}").Open(options, faults, reads).Single();
        Assert.Equal((0, first.Fingerprint), (reads.Count, again.Fingerprint));

        // The same length, other bytes in the middle.
        using (var file = File.OpenHandle(path, access: FileAccess.Write))
        {
            RandomAccess.Write(file, "yy"u8, 1000);
        }

        var changed = TaskSpec.Of($"jsonl:{path}").Open(options, faults, reads).Single();
        Assert.True(reads.Count > 0, "it is gone over again");
        Assert.NotEqual(first.Fingerprint, changed.Fingerprint);
        Assert.Single(Directory.EnumerateFiles(folder["cache"], "*.index"));
    }

    [Fact]
    public void What_was_unpacked_for_a_file_that_has_changed_does_not_stay()
    {
        var options = new SourceOptions { CacheFolder = folder["cache"] };
        var path = folder["rows.jsonl.gz"];
        foreach (var letter in "xy")
        {
            Fill(folder["rows.jsonl"], letter, 70 << 20);
            using (var packed = new GZipStream(File.Create(path), CompressionLevel.Fastest))
            {
                packed.Write(File.ReadAllBytes(folder["rows.jsonl"]));
            }

            TaskSpec.Of($"jsonl:{path}").Open(options, faults);
        }

        Assert.Equal(2, Directory.GetFiles(folder["cache"]).Length);
    }

    [Fact]
    public void An_index_that_is_damaged_is_made_anew()
    {
        var options = new SourceOptions { CacheFolder = folder["cache"] };
        var path = folder["rows.jsonl"];
        Fill(path, 'x', 65 << 20);
        var whole = TaskSpec.Of($"jsonl:{path}").Open(options, faults).Single();
        var index = Directory.EnumerateFiles(folder["cache"], "*.index").Single();
        using (var file = File.OpenHandle(index, access: FileAccess.Write))
        {
            RandomAccess.SetLength(file, RandomAccess.GetLength(file) - 7);
        }

        Assert.Equal(whole.Fingerprint, TaskSpec.Of($"jsonl:{path}").Open(options, faults).Single().Fingerprint);
    }

    [Fact]
    public async Task Of_many_files_few_are_open_at_once()
    {
        foreach (var number in Enumerable.Range(0, 200))
        {
            folder.Write($"{number:000}.jsonl", $"{{\"prompt\": \"{number}\"}}\n");
        }

        using var open = new OpenFiles();
        foreach (var file in SourceFiles.Find(folder.Path, [".jsonl"], "rows"))
        {
            open.Read(file.Path, FileSample.StampOf(file.Path), new byte[4], 0);
        }

        Assert.Equal(OpenFiles.DefaultMost, open.Count);
        Assert.Equal(200, (await Sources.ReadAsync($"jsonl:{folder.Path}", faults)).Count);
    }

    [Fact]
    public void Faults_without_end_are_counted_and_not_all_told()
    {
        folder.Write("rows.jsonl", "{\"prompt\": \"a\"}\n" + string.Concat(Enumerable.Repeat("bad\n", 5000)));

        var source = Assert.IsType<FileSource>(TaskSpec.Of($"jsonl:{folder.Path}").Open(faults: faults).Single());

        Assert.Equal(101, faults.Count);
        Assert.Equal("4900 more records of the file cannot be used.", faults[^1].Message);
        Assert.Equal(5000, source.Counts.Faulty);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    [InlineData(65_536)]
    public void A_seeded_order_has_each_number_once(int count)
    {
        var order = new SeededOrder(count, 1, 2);

        Assert.Equal(Enumerable.Range(0, count).Select(n => (long)n), Enumerable.Range(0, count).Select(n => order.At(n)).Order());
    }

    private static void Fill(string path, char letter, long bytes)
    {
        using var file = new StreamWriter(path);
        for (var row = 0; file.BaseStream.Position < bytes; row++)
        {
            file.Write($"{{\"prompt\": \"{row} {new string(letter, 2000)}\"}}\n");
        }
    }

    private async Task<List<string>> PromptsAsync(SourceOptions options, long skip = 0) =>
        [.. (await Sources.ReadAsync($"jsonl:{folder.Path}", faults, options, skip)).Select(query => query.Prompt)];

    private sealed class Reads : IProgress<IndexingProgress>
    {
        public int Count { get; set; }

        public void Report(IndexingProgress value) => Count++;
    }
}
