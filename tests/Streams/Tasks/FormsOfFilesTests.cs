using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Orca.Streams.Tasks;
using Orca.Streams.Tests.Support;
using Parquet.Serialization;
using ZstdSharp;

namespace Orca.Streams.Tests.Tasks;

/// <summary>The same questions, however they are stored.</summary>
public sealed class FormsOfFilesTests : IDisposable
{
    private const string Rows = "{\"question\": \"Wie groß? 七\", \"answer\": \"7\"}\n{\"question\": \"b\", \"answer\": \"8\"}\n";

    private readonly TemporaryFolder folder = new();
    private readonly FaultList faults = [];

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("plain")]
    [InlineData("mark")]
    [InlineData("gzip")]
    [InlineData("two gzips")]
    [InlineData("zstd")]
    [InlineData("UTF-16")]
    [InlineData("UTF-16, big end first")]
    [InlineData("UTF-16 in gzip")]
    public async Task Text_is_read_whatever_it_is_stored_as(string how)
    {
        var path = folder["rows.jsonl"];
        await File.WriteAllBytesAsync(path, how switch
        {
            "plain" => Encoding.UTF8.GetBytes(Rows),
            "mark" => [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Rows)],
            "gzip" => Gzip(Encoding.UTF8.GetBytes(Rows)),
            "two gzips" => [.. Gzip(Encoding.UTF8.GetBytes(Rows[..20])), .. Gzip(Encoding.UTF8.GetBytes(Rows[20..]))],
            "zstd" => Zstd(Encoding.UTF8.GetBytes(Rows)),
            "UTF-16" => Utf16(Encoding.Unicode),
            "UTF-16, big end first" => Utf16(Encoding.BigEndianUnicode),
            _ => Gzip(Utf16(Encoding.Unicode)),
        }, TestContext.Current.CancellationToken);

        Assert.Equal(["Wie groß? 七 7", "b 8"], await ReadAsync($"jsonl:{path}"));
        Assert.Empty(faults);
    }

    [Theory]
    [InlineData("question,answer\n\"Wie groß? 七\",7\nb,8\n")]
    [InlineData("question\tanswer\r\nWie groß? 七\t7\r\nb\t8")]
    [InlineData("answer;question\n7;Wie groß? 七\n\n8;b\n")]
    public async Task Tables_are_read_by_their_line_of_names(string table)
    {
        var path = folder.Write("rows.csv", table);

        Assert.Equal(["Wie groß? 七 7", "b 8"], await ReadAsync($"csv:{path}"));
    }

    [Fact]
    public async Task Quoted_cells_keep_commas_quotes_and_line_ends_and_a_row_of_another_width_is_named()
    {
        var path = folder.Write("rows.csv", "question,answer\n\"Say \"\"hi\"\",\nplease\",hi\nc,1,2\nd,4\n");

        Assert.Equal(["Say \"hi\",\nplease hi", "d 4"], await ReadAsync($"csv:{path}"));
        Assert.Equal("The row has 3 columns; expected 2, as many as names.", Assert.Single(faults).Message);
    }

    [Fact]
    public async Task Parquet_is_read_with_its_lists()
    {
        var path = folder["rows.parquet"];
        await ParquetSerializer.SerializeAsync(
            new[]
            {
                new OpenOrca { id = "flan.1", system_prompt = "S", question = "Q1", response = "R1" },
                new OpenOrca { id = "niv.2", system_prompt = "", question = "Q2", response = "R2" },
            },
            path, cancellationToken: TestContext.Current.CancellationToken);

        var queries = await Sources.ReadAsync($"parquet:{path}", faults);

        Assert.Equal(
            [("flan2021", "Q1", "S", "R1"), ("niv2", "Q2", "", "R2")],
            queries.Select(query => (query.Collection, query.Prompt, query.SystemMessage, query.Explanation)).Order());
        Assert.Empty(faults);
    }

    [Fact]
    public async Task A_conversation_in_Parquet_is_one()
    {
        var path = folder["rows.parquet"];
        await ParquetSerializer.SerializeAsync(
            new[] { new Chat { messages = [new() { role = "user", content = "Q" }, new() { role = "assistant", content = "A" }] } },
            path, cancellationToken: TestContext.Current.CancellationToken);

        var query = Assert.Single(await Sources.ReadAsync($"parquet:{path}", faults));
        Assert.Equal(("Q", "A"), (query.Prompt, query.Explanation));
    }

    [Theory]
    [InlineData("rows.jsonl.gz", "jsonl")]
    [InlineData("rows.parquet", "parquet")]
    public async Task What_is_cut_is_named_and_what_stands_before_is_read(string name, string kind)
    {
        var whole = kind == "jsonl"
            ? Gzip(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(n => $"{{\"question\": \"{Guid.NewGuid()} {n}\"}}\n"))))
            : [.. "PAR1"u8, .. new byte[100]];
        await File.WriteAllBytesAsync(folder[name], whole[..^(whole.Length / 3)], TestContext.Current.CancellationToken);

        var read = await ReadAsync($"{kind}:{folder[name]}");

        Assert.Contains("damaged or cut", faults[0].Message);
        Assert.Equal(kind == "jsonl", read.Count > 1000);
    }

    [Fact]
    public async Task A_pipe_is_read_once()
    {
        var pipe = folder["pipe.jsonl"];
        await Process.Start("mkfifo", pipe).WaitForExitAsync(TestContext.Current.CancellationToken);
        using var writing = Process.Start("sh", ["-c", $"cat '{folder.Write("rows.txt", Rows)}' > '{pipe}'"]);

        Assert.Equal(["Wie groß? 七 7", "b 8"], await ReadAsync($"jsonl:{pipe}"));
        await writing.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("*.jsonl", "a b")]
    [InlineData("**/*.jsonl", "a b c")]
    [InlineData("sub/*", "c")]
    [InlineData("?.jsonl", null)]
    public async Task A_pattern_names_files(string pattern, string? prompts)
    {
        folder.Write("a.jsonl", "{\"question\": \"a\"}");
        folder.Write("b.jsonl", "{\"question\": \"b\"}");
        folder.Write("sub/c.jsonl", "{\"question\": \"c\"}");
        var spec = $"jsonl:{folder.Path}/{pattern}";
        if (prompts is null)
        {
            Assert.Throws<TaskFormatException>(() => TaskSpec.Of(spec).Open());
            return;
        }

        Assert.Equal(prompts.Split(' '), (await ReadAsync(spec)).Order());
    }

    [Fact]
    public async Task Files_of_a_folder_that_are_not_read_are_named()
    {
        folder.Write("a.jsonl", "{\"question\": \"a\"}");
        folder.Write("more.csv", "question\nb\n");
        folder.Write("README.md", "of no matter");

        Assert.Equal(["a"], await ReadAsync($"jsonl:{folder.Path}"));
        Assert.Contains("such as 'more.csv'", Assert.Single(faults).Message);
    }

    [Theory]
    [InlineData("plain text\nof a book\n", "is a JSON object")]
    [InlineData("{\"a\": 1}\n", "'a'")]
    [InlineData("[[\"Q\", \"A\"]]", "is a JSON object")]
    public void What_holds_no_question_is_refused_at_the_start(string text, string named) => Assert.Contains(
        named, Assert.Throws<TaskFormatException>(() => TaskSpec.Of($"jsonl:{folder.Write("rows.jsonl", text)}").Open()).Message);

    [Fact]
    public void A_missing_quotation_mark_in_a_list_is_named_and_swallows_no_memory()
    {
        var path = folder["rows.json"];
        using (var file = new StreamWriter(path))
        {
            file.Write("[{\"question\": \"a\"},\n{\"question\": \"b},\n");
            for (var row = 0; row < 400_000; row++)
            {
                file.Write($"{{'question': 'number {row} of many that follow'}},\n");
            }

            file.Write("{}]");
        }

        var source = Assert.Single(TaskSpec.Of($"jsonl:{path}").Open(faults: faults));

        Assert.Equal(2, faults[0].Line);
        Assert.Contains("a bracket or a quotation mark is missing in it; nothing that follows is read", faults[0].Message);
        Assert.Equal(1, ((FileSource)source).Tasks.Single().Questions);
    }

    [Fact]
    public async Task Templates_with_examples_and_tasks_of_evaluations_are_left_out_and_counted()
    {
        folder.Write("mix.jsonl", """
            {"inputs": "Q1", "targets": "yes", "task_name": "rte", "template_type": "zs_opt"}
            {"inputs": "Q2", "targets": "yes", "task_name": "rte", "template_type": "fs_opt"}
            {"inputs": "Q3", "targets": "yes", "task_name": "bigbench:snarks", "template_type": "zs_noopt"}
            """);
        var options = new SourceOptions { ExcludedTasks = ["*bigbench*"] };

        Assert.Equal(["Q1 yes"], await ReadAsync($"jsonl:{folder.Path}", options));
        Assert.Equal(3, (await ReadAsync($"jsonl:{folder.Path}", new SourceOptions { Templates = Streams.Tasks.Records.TemplateChoice.All })).Count);
        var source = Assert.IsType<FileSource>(Assert.Single(TaskSpec.Of($"jsonl:{folder.Path}").Open(options)));
        Assert.Equal(new SourceCounts(1, 0, 1, 1, 0), source.Counts);
    }

    [Fact]
    public async Task Rows_of_several_collections_are_a_source_each_so_that_the_mixture_weighs_them()
    {
        var path = folder.Write("orca.jsonl", """
            {"id": "flan.1", "question": "Q1", "response": "R"}
            {"id": "t0.1", "question": "Q2", "response": "R"}
            {"id": "flan.2", "question": "Q3", "response": "R"}
            """);

        var sources = TaskSpec.Of($"jsonl:{path}").Open();

        Assert.Equal(["flan2021", "t0"], sources.Select(source => source.Collection).Order());
        await using var sampler = new TaskSampler(sources);
        var mixture = Mixture.Of([new("flan2021", 0)]);
        Assert.Equal("Q2", (await sampler.NextAsync(mixture, TestContext.Current.CancellationToken))?.Prompt);
        Assert.Null(await sampler.NextAsync(mixture, TestContext.Current.CancellationToken));
    }

    private async Task<List<string>> ReadAsync(string spec, SourceOptions? options = null) =>
        [.. (await Sources.ReadAsync(spec, faults, options)).Select(query => $"{query.Prompt} {query.GoldAnswers.FirstOrDefault()}".Trim())];

    private static byte[] Utf16(Encoding encoding) => [.. encoding.GetPreamble(), .. encoding.GetBytes(Rows)];

    private static byte[] Gzip(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static byte[] Zstd(byte[] bytes)
    {
        using var compressor = new Compressor();
        return compressor.Wrap(bytes).ToArray();
    }

    // As the columns are named in published files.
    private sealed class OpenOrca
    {
        public string id { get; set; } = "";

        public string system_prompt { get; set; } = "";

        public string question { get; set; } = "";

        public string response { get; set; } = "";
    }

    private sealed class Chat
    {
        public List<ChatMessage> messages { get; set; } = [];
    }

    private sealed class ChatMessage
    {
        public string role { get; set; } = "";

        public string content { get; set; } = "";
    }
}
