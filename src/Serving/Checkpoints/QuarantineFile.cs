using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orca.Model.Checkpoints;

namespace Orca.Serving.Checkpoints;

/// <summary>
/// Content that was refused or rolled back, in a file beside the checkpoints. The file is the truth: whoever deletes it, or an
/// entry, takes that out of quarantine. Several servers may share it.
/// </summary>
internal sealed class QuarantineFile(string folder, ILogger logger)
{
    /// <summary>Its name.</summary>
    public const string Name = "quarantine.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private string? fault;

    /// <summary>Its path.</summary>
    public string Path { get; } = System.IO.Path.Combine(folder, Name);

    /// <summary>What is in it, oldest first; nothing where it is missing or unusable, which is told once.</summary>
    public ImmutableArray<QuarantineEntry> Read()
    {
        try
        {
            var entries = File.Exists(Path) ? JsonSerializer.Deserialize<QuarantineEntry?[]>(File.ReadAllBytes(Path), Json) ?? [] : [];
            ImmutableArray<QuarantineEntry> whole = [.. entries.Select(entry => entry ?? throw new JsonException("An entry is null."))];
            fault = null;
            return whole;
        }
        catch (Exception unusable) when (unusable is JsonException or IOException or UnauthorizedAccessException)
        {
            if (unusable.Message != fault)
            {
                fault = unusable.Message;
                LoaderLog.QuarantineUnreadable(logger, Path, fault.ReplaceLineEndings(" "));
            }

            return [];
        }
    }

    /// <summary>Replaces what is in it as a whole; false where it cannot be written, which is told.</summary>
    public bool TryChange(Func<ImmutableArray<QuarantineEntry>, ImmutableArray<QuarantineEntry>> change)
    {
        var before = Read();
        var after = change(before);
        try
        {
            if (!after.SequenceEqual(before))
            {
                Durable.Replace(Path, JsonSerializer.Serialize(after.AsEnumerable(), Json) + "\n");
            }

            return true;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            LoaderLog.QuarantineUnwritable(logger, Path, unwritable.Message.TrimEnd('.'));
            return false;
        }
    }
}

/// <summary>Content that must not be loaded again.</summary>
/// <param name="Digest">SHA-256 in hex over the digests of its files.</param>
/// <param name="Reason">Why.</param>
/// <param name="Time">Since when.</param>
internal sealed record QuarantineEntry(string Digest, string Reason, DateTimeOffset Time);
