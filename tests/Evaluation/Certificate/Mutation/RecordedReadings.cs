using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orca.Evaluation.Certificate;

namespace Orca.Evaluation.Tests.Certificate.Mutation;

/// <summary>
/// Responses drawn from patterns, with what the extractor made of them when they were drawn. They tell that it has changed, and nothing
/// of whether it is right: the certificate's own figures leave them out.
/// </summary>
internal static class RecordedReadings
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static CertificateFixture Load()
    {
        using var stream = typeof(RecordedReadings).Assembly.GetManifestResourceStream("readings.jsonl")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return CertificateFixture.Parse(bytes);
    }

    /// <summary>A response as a line of the file.</summary>
    public static string Line(CertificateCase response) => JsonSerializer.Serialize(response, Format);
}
