using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Certificate;

/// <summary>
/// What the extractor is worth: how often it finds the answer that a response gives, and nothing where it gives none, over answers in
/// many styles. Precision is the share of what it found that is right, recall the share of the given answers that it found rightly.
/// </summary>
public sealed class ExtractorCertificate
{
    private static readonly Lazy<string> Own = new(() => HashOf(CertificateFixture.Load()));

    private ExtractorCertificate(CertificateFixture fixture, ImmutableArray<CertificateReading> readings)
    {
        Readings = readings;
        Hash = HashOf(fixture);
        All = Row("all", readings);
        Kinds = [.. readings.GroupBy(one => one.Case.Kind).OrderBy(kind => kind.Key).Select(kind => Row($"{kind.Key}", [.. kind]))];
        Styles = [.. readings.GroupBy(one => one.Case.Style).Select(style => Row(style.Key, [.. style]))];
        Misses = [.. readings.Where(one => !one.IsRight)];
        Paper = [.. readings.Where(one => one.Case.Kind == AnswerKind.MultipleChoice).GroupBy(one => one.Case.Style)
            .Select(style => PaperRow.Of(style.Key, [.. style.Select(one => one.Case)]))];
    }

    /// <summary>Names the extractor of this build, with the responses that it is certified by, without reading them.</summary>
    public static string OwnHash => Own.Value;

    /// <summary>Names the extractor's source and the responses together: SHA-256, lower-case hexadecimal.</summary>
    public string Hash { get; }

    /// <summary>Over all responses.</summary>
    public CertificateRow All { get; }

    /// <summary>By kind of answer.</summary>
    public ImmutableArray<CertificateRow> Kinds { get; }

    /// <summary>By style, in the fixture's order.</summary>
    public ImmutableArray<CertificateRow> Styles { get; }

    /// <summary>Every response as it was read.</summary>
    public ImmutableArray<CertificateReading> Readings { get; }

    /// <summary>Those that were not read rightly.</summary>
    public ImmutableArray<CertificateReading> Misses { get; }

    /// <summary>How the rules of published figures do on the styles of multiple choice.</summary>
    public ImmutableArray<PaperRow> Paper { get; }

    /// <summary>Runs the extractor over the responses.</summary>
    public static ExtractorCertificate Issue(CertificateFixture fixture) =>
        new(fixture, [.. fixture.Cases.Select(CertificateReading.Of)]);

    private static string HashOf(CertificateFixture fixture)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(ExtractorSource.Hash));
        hash.AppendData(fixture.Bytes.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static CertificateRow Row(string name, ImmutableArray<CertificateReading> readings) => new(
        name,
        readings.Length,
        readings.Count(one => one.Case.Found is not null),
        readings.Count(one => one.Answer is not null),
        readings.Count(one => one.IsFound),
        readings.Count(one => one.IsRight));
}
