using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Orca.Streams.Sieves;
using Orca.Streams.Tests.Support;
using Parquet.Serialization;

namespace Orca.Streams.Tests.Sieves;

public sealed class ContaminationIndexTests : IDisposable
{
    private const string Question = "A baker fills seven trays with twelve rolls each and sells all but nine of them before noon. "
        + "How many rolls did the baker sell before noon?";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("set.jsonl", "{\"question\":\"§\",\"answer\":\"75\"}\n", 1)]
    [InlineData("set.json", "{\"canary\":\"x\",\"examples\":[{\"input\":\"other\",\"target\":\"A\"},{\"input\":\"§\"}]}", 2)]
    [InlineData("list.json", "[{\"text\":{\"deep\":[\"§\"]}}]", 1)]
    [InlineData("names.json", "{\"first\":{\"q\":\"§\"}}", 1)]
    [InlineData("set.csv", "id,question\n1,\"§\"\n", 2)]
    [InlineData("set.tsv", "75\t§\n", 1)]
    [InlineData("set.txt", "a line\n§\n", 2)]
    [InlineData("paragraphs.txt", "a\nparagraph\n\n§\n", 2)]
    [InlineData("broken.json", "{\"question\": \"§", 1)]
    [InlineData("set.md", "§", 1)]
    public void A_set_is_read_without_any_knowledge_of_its_fields(string name, string content, int row)
    {
        var path = folder.Write(name, content.Replace("§", Question, StringComparison.Ordinal));
        var match = ContaminationIndex.Read(new EvaluationSet("exam", path)).Find(Question);

        Assert.Equal(("exam", path, row), (match?.Set, match?.File, match?.Row));
    }

    [Theory]
    [InlineData("set.jsonl.gz")]
    [InlineData("SET.JSONL")]
    [InlineData("wide.jsonl")]
    [InlineData("set.parquet")]
    public async Task A_set_is_found_in_its_folder_and_read_whatever_it_is_stored_as(string name)
    {
        var path = folder[name];
        var text = Line(Question);
        switch (name)
        {
            case "set.jsonl.gz":
                await using (var packed = new GZipStream(File.Create(path), CompressionLevel.Fastest))
                {
                    await packed.WriteAsync(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);
                }

                break;
            case "wide.jsonl":
                await File.WriteAllTextAsync(path, text, Encoding.Unicode, TestContext.Current.CancellationToken);
                break;
            case "set.parquet":
                await ParquetSerializer.SerializeAsync(
                    new[] { new Row { Question = Question } }, path, cancellationToken: TestContext.Current.CancellationToken);
                break;
            default:
                await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
                break;
        }

        Assert.Equal("exam", ContaminationIndex.Read(new EvaluationSet("exam", folder.Path)).Find(Question)?.Set);
    }

    [Fact]
    public void A_set_that_is_cut_is_refused_and_not_taken_for_a_shorter_one()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            var lines = Enumerable.Range(0, 2000).Select(number => Line($"{Question} {number} {number * 7919}"));
            gzip.Write(Encoding.UTF8.GetBytes(string.Concat(lines)));
        }

        File.WriteAllBytes(folder["set.jsonl.gz"], packed.ToArray()[..^1000]);

        Assert.Contains("damaged or cut", Assert.Throws<TaskFormatException>(
            () => ContaminationIndex.Read(new EvaluationSet("exam", folder.Path))).Message);
    }

    [Theory]
    [InlineData("Q: " + Question, ContaminationRule.SameText)]
    [InlineData("17. " + Question + "\nA:", ContaminationRule.SameText)]
    [InlineData("First think, then answer. " + Question + " Give a number.", ContaminationRule.ThirteenWords)]
    [InlineData("Someone fills seven trays with twelve rolls each and sells all but nine of them.", ContaminationRule.ThirteenWords)]
    [InlineData("The baker fills seven trays with twelve rolls each and sells some.", ContaminationRule.Coverage)]
    public void A_question_is_found_that_shares_much_with_an_item(string text, ContaminationRule rule) =>
        Assert.Equal(rule, IndexOf(Question).Find(text)?.Rule);

    [Theory]
    [InlineData("")]
    [InlineData("rolls")]
    [InlineData("How many rolls did the baker sell?")]
    [InlineData("A baker fills five trays with ten rolls each and eats two. How many rolls are left in the end?")]
    public void A_question_is_not_found_that_shares_little(string text) => Assert.Null(IndexOf(Question).Find(text));

    [Fact]
    public void Options_may_be_numbered_in_any_way_and_numbers_within_the_text_count()
    {
        var index = IndexOf("Which of these has 4 sides?\n(A) a square\n(B) a circle\n(C) a line");

        Assert.NotNull(index.Find("Question 9: Which of these has 4 sides? 1. a square 2. a circle 3. a line"));
        Assert.NotNull(index.Find("WHICH OF THESE HAS 4 SIDES?\ni) a square\nii) a circle\niii) a line"));
        Assert.Null(index.Find("Which of these has 3 sides?"));
    }

    [Theory]
    [InlineData("Yes")]
    [InlineData("None of the above")]
    [InlineData("(B)")]
    public void Short_texts_of_an_item_contaminate_nothing(string option)
    {
        var index = IndexOf(Question, option);

        Assert.Null(index.Find($"Is water wet? {option}"));
        Assert.Null(index.Find($"What is the colour of the sky at night, seen from the moon?\n- {option}\n- No"));
    }

    [Fact]
    public void What_many_items_share_contaminates_nothing_and_each_of_them_is_found_all_the_same()
    {
        const string Form = "The following paragraph describes a set of objects in a fixed order and all its statements are true at once. ";
        string[] things = ["owls", "cups", "vans", "pens", "kites", "drums", "boats", "coins", "maps", "lamps", "rings", "books"];
        var items = things.Select((thing, index) => $"{Form}There are {index + 3} {thing}. Who is first?").ToArray();
        var found = IndexOf(items);

        Assert.Null(found.Find(Form + "Two bears stand beside a fox. Which animal is the last?"));
        Assert.All(items, item => Assert.NotNull(found.Find(item)));
    }

    [Fact]
    public void A_passage_that_a_few_items_share_contaminates_whoever_asks_about_it()
    {
        const string Passage = "The old lighthouse keeper counted nineteen ships on the evening before the great storm came over the bay. ";
        var index = IndexOf([.. Enumerable.Range(0, 8).Select(number => $"{Passage}What does paragraph {number} say about the harbour?")]);

        Assert.NotNull(index.Find(Passage + "Who kept the lamp burning?"));
    }

    [Fact]
    public void Items_that_differ_in_signs_alone_are_told_apart_where_that_is_all_they_have()
    {
        var items = Enumerable.Range(1, 12).Select(count => $"Close all of the brackets: {new string('[', count)}").ToArray();
        var index = IndexOf(items);

        Assert.All(items, item => Assert.NotNull(index.Find(item)));
        Assert.Null(index.Find("Close all of the brackets: < ( {"));
    }

    [Fact]
    public void Chinese_is_compared_character_by_character()
    {
        var index = IndexOf("已知一个长方形的长是八米宽是五米求它的面积是多少平方米");

        Assert.NotNull(index.Find("题目：已知一个长方形的长是八米 宽是五米 求它的面积是多少平方米？"));
        Assert.Null(index.Find("今天的天气很好我们一起去公园里散步吧"));
    }

    [Fact]
    public void A_folder_gives_all_its_files_and_the_sets_are_told_apart()
    {
        folder.Write("one/a.jsonl", Line(Question));
        folder.Write("one/deep/b.txt", "Three foxes cross a frozen river at dawn while two hunters sleep beside their fire.");
        folder.Write("two/c.csv", "A gardener plants nine rows of beans and then pulls out four of them in the rain.");
        var index = ContaminationIndex.Read(new EvaluationSet("one", folder["one"]), EvaluationSet.Of("2=" + folder["two"]));

        Assert.Equal(["one", "2"], index.Sets);
        Assert.Equal("one", index.Find("Three foxes cross a frozen river at dawn while two hunters sleep beside their fire.")?.Set);
        Assert.Equal("2", index.Find("a gardener plants nine rows of beans and then pulls out four of them in the rain")?.Set);
    }

    [Fact]
    public void What_is_not_there_or_holds_no_text_is_told_by_name()
    {
        Assert.Equal(
            $"The evaluation set 'exam' is not there: no file or folder '{folder["none"]}'; give the path of its questions.",
            Assert.Throws<TaskFormatException>(() => ContaminationIndex.Read(new EvaluationSet("exam", folder["none"]))).Message);
        Assert.Contains(
            "holds no text",
            Assert.Throws<TaskFormatException>(
                () => ContaminationIndex.Read(new EvaluationSet("exam", folder.Write("empty.json", "[]")))).Message,
            StringComparison.Ordinal);
        Assert.Throws<TaskFormatException>(() => ContaminationIndex.Read(new EvaluationSet("exam", folder.Path)));
    }

    [Fact]
    public void Sets_that_are_too_large_are_refused()
    {
        var path = folder.Write("large.txt", new string('不', ContaminationIndex.MaxWords + 1));

        Assert.Contains(
            $"'{path}') brings the sets over 4,000,000 words",
            Assert.Throws<TaskFormatException>(() => ContaminationIndex.Read(new EvaluationSet("large", path))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_texts_are_gone_through_once()
    {
        var index = IndexOf(Question, "\ud800 \0 \u202e " + new string('(', 100_000), new string('a', 1_000_000));
        string[] pieces =
            ["a", "(", "1. ", "question ", "question 1", "\ud83d\ude00", "\ud800", "\0", "\u200f", "不", "- ", "not ", "Q1:"];
        foreach (var piece in pieces)
        {
            index.Find(string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length)));
        }

        Assert.NotNull(index.Find(Question + new string(' ', 1_000_000)));
    }

    private static string Line(string text) => JsonSerializer.Serialize(new { text }) + "\n";

    private ContaminationIndex IndexOf(params string[] items) => ContaminationIndex.Read(
        new EvaluationSet("exam", folder.Write("exam.jsonl", string.Concat(items.Select(Line)))));

    private sealed class Row
    {
        public string Question { get; set; } = "";
    }
}
