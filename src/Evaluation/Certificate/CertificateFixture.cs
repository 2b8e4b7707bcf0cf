using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orca.Evaluation.Certificate;

/// <summary>The responses that the extractor is certified on, with the bytes they were read from.</summary>
/// <remarks>One JSON object a line; see <see cref="CertificateCase"/> for its fields.</remarks>
public sealed class CertificateFixture
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private CertificateFixture(byte[] bytes, ImmutableArray<CertificateCase> cases) => (Bytes, Cases) = (bytes, cases);

    /// <summary>What was read.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The responses, in the file's order.</summary>
    public ImmutableArray<CertificateCase> Cases { get; }

    /// <summary>The fixture that this program carries.</summary>
    public static CertificateFixture Load() => Parse(Embedded.Read("certificate/styles.jsonl"));

    /// <summary>A fixture of other bytes, UTF-8.</summary>
    /// <exception cref="InvalidDataException">A line is no such object; the message names it.</exception>
    public static CertificateFixture Parse(byte[] bytes)
    {
        var cases = ImmutableArray.CreateBuilder<CertificateCase>();
        using var reader = new StreamReader(new MemoryStream(bytes));
        for (var line = 1; reader.ReadLine() is { } text; line++)
        {
            if (text.Length > 0)
            {
                cases.Add(Read(text, line));
            }
        }

        return new CertificateFixture(bytes, cases.ToImmutable());
    }

    private static CertificateCase Read(string text, int line)
    {
        try
        {
            return JsonSerializer.Deserialize<CertificateCase>(text, Format)
                ?? throw new InvalidDataException($"Line {line} of the certificate's fixture is null.");
        }
        catch (JsonException problem)
        {
            throw new InvalidDataException($"Line {line} of the certificate's fixture is no response: {problem.Message}", problem);
        }
    }
}
