using System.Text;
using Orca.Evaluation.Certificate;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Tests.Certificate;

/// <summary>What the extractor's certificate says, and how it is named.</summary>
public sealed class ExtractorCertificateTests
{
    private const int LeastStyles = 40;
    private const int LeastResponses = 250;
    private const double LeastRight = 0.99;
    private const double LeastPrecision = 0.98;

    private const string Line =
        """{"style":"bare","kind":"Number","question":"","response":"7","gold":"7","found":"7","verdict":"Right"}""";

    private static readonly Lazy<ExtractorCertificate> Issued = new(() => ExtractorCertificate.Issue(CertificateFixture.Load()));

    [Fact]
    public void Answers_stand_in_at_least_forty_styles_each_of_several_responses()
    {
        Assert.True(Issued.Value.Styles.Length >= LeastStyles, $"{Issued.Value.Styles.Length} styles");
        Assert.True(Issued.Value.All.Responses >= LeastResponses, $"{Issued.Value.All.Responses} responses");
        Assert.All(Issued.Value.Styles, style => Assert.True(style.Responses >= 3, $"'{style.Name}' has {style.Responses} responses"));
        Assert.Equal(Enum.GetValues<AnswerKind>().Select(kind => $"{kind}"), Issued.Value.Kinds.Select(kind => kind.Name));
    }

    [Fact]
    public void At_least_99_of_100_responses_are_read_and_judged_rightly() =>
        Assert.True(Issued.Value.All.RightShare >= LeastRight, string.Join('\n', Issued.Value.Misses));

    [Fact]
    public void Of_each_kind_precision_and_recall_are_high()
    {
        Assert.All(Issued.Value.Kinds, kind =>
        {
            Assert.True(kind.Precision >= LeastPrecision, $"{kind.Name}: precision {kind.Precision}");
            Assert.True(kind.Recall >= LeastPrecision, $"{kind.Name}: recall {kind.Recall}");
        });
    }

    [Theory]
    [InlineData("none chosen")]
    [InlineData("refusal")]
    [InlineData("truncated")]
    public void Where_no_answer_is_given_none_is_found(string style) =>
        Assert.All(Issued.Value.Readings.Where(one => one.Case.Style == style), one => Assert.Null(one.Answer));

    [Fact]
    public void Every_response_that_was_misread_is_listed() =>
        Assert.Equal(Issued.Value.All.Responses - Issued.Value.All.Right, Issued.Value.Misses.Length);

    [Fact]
    public void Precision_counts_the_found_and_recall_the_given_answers()
    {
        // One found rightly, one found where none is, one missed, one rightly left alone.
        var fixture = Fixture(Line, Other("9", null), Other("None told.", "9"), Other("None told.", null));
        var all = ExtractorCertificate.Issue(fixture).All;
        Assert.Equal((4, 2, 2, 1), (all.Responses, all.Answered, all.Extracted, all.Found));
        Assert.Equal((0.5, 0.5), (all.Precision, all.Recall));
        Assert.Equal(2, all.Right);
    }

    [Fact]
    public void Of_nothing_found_there_is_no_precision() =>
        Assert.Null(ExtractorCertificate.Issue(Fixture(Other("None told.", null))).All.Precision);

    [Fact]
    public void The_hash_names_the_fixture_and_the_extractor()
    {
        var hash = ExtractorCertificate.Issue(Fixture(Line)).Hash;
        Assert.Matches("^[0-9a-f]{64}$", hash);
        Assert.Equal(hash, ExtractorCertificate.Issue(Fixture(Line)).Hash);
        Assert.NotEqual(hash, ExtractorCertificate.Issue(Fixture(Line + " ")).Hash);
        Assert.NotEqual(hash, ExtractorCertificate.Issue(Fixture(Line, Line)).Hash);
    }

    [Fact]
    public void The_extractors_name_changes_with_any_of_its_files()
    {
        var files = ExtractorSource.Files;
        Assert.Contains("AnswerExtractor.cs", files.Keys);
        Assert.Equal(ExtractorSource.Hash, ExtractorSource.HashOf(files));
        Assert.All(files, file => Assert.NotEqual(
            ExtractorSource.Hash, ExtractorSource.HashOf(files.SetItem(file.Key, file.Value + " "))));
        Assert.NotEqual(ExtractorSource.Hash, ExtractorSource.HashOf(files.Remove("Clean.cs").Add("Cleaner.cs", files["Clean.cs"])));
    }

    [Fact]
    public void A_line_that_is_no_response_is_named()
    {
        var problem = Assert.Throws<InvalidDataException>(() => Fixture(Line, "{}"));
        Assert.Contains("Line 2", problem.Message, StringComparison.Ordinal);
    }

    private static CertificateFixture Fixture(params string[] lines) =>
        CertificateFixture.Parse(Encoding.UTF8.GetBytes(string.Join('\n', lines)));

    private static string Other(string response, string? found) =>
        $$"""
        {"style":"other","kind":"Number","response":"{{response}}","gold":"7","found":{{(found is null ? "null" : $"\"{found}\"")}},"verdict":"Wrong"}
        """.Trim();
}
