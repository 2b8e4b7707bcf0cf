using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Orca.Streams.Answers;

namespace Orca.Streams.Tasks;

/// <summary>One question of a task collection, as a teacher and a student are asked it.</summary>
public sealed record TaskQuery
{
    private const int LongestOnStack = 512;

    /// <summary>Content hash, see <see cref="IdOf"/>: the same question has the same id in every run.</summary>
    public required string Id { get; init; }

    /// <summary>
    /// The collection the task belongs to (<c>cot</c>, <c>niv2</c>, <c>reasoning</c> …); the mixture weighs collections.
    /// </summary>
    public required string Collection { get; init; }

    /// <summary>The task within the collection (<c>gsm8k_train</c>, <c>task1411_…</c>, <c>boolean_expressions</c> …).</summary>
    public required string Task { get; init; }

    /// <summary>The user's text.</summary>
    public required string Prompt { get; init; }

    /// <summary>Answers that count as right; empty where the source has none.</summary>
    public ImmutableArray<string> GoldAnswers { get; init; } = [];

    /// <summary>How an answer is found in a response and compared with the gold ones.</summary>
    public AnswerKind AnswerKind { get; init; } = AnswerKind.FreeText;

    /// <summary>What answer would be right.</summary>
    public ExpectedAnswer Expected => new(AnswerKind, GoldAnswers, Prompt);

    /// <summary>The source's own explanation, if it has one: what a recorded teacher answers with.</summary>
    public string? Explanation { get; init; }

    /// <summary>A system message the source prescribes (OpenOrca rows); null lets the sampler choose one.</summary>
    public string? SystemMessage { get; init; }

    /// <summary>Probability that a blind guess is right, 0 to 1; null where it is unknown.</summary>
    public double? Chance { get; init; }

    /// <summary>Number of reasoning steps, 1 or more; null where it is unknown.</summary>
    public int? Difficulty { get; init; }

    /// <summary>The first 16 bytes, in hex, of the SHA-256 over collection, task, prompt and first gold answer.</summary>
    public static string IdOf(string collection, string task, string prompt, string? gold)
    {
        var most = Encoding.UTF8.GetMaxByteCount(collection.Length + task.Length + prompt.Length + (gold?.Length ?? 0)) + 4;
        var rented = most > LongestOnStack ? ArrayPool<byte>.Shared.Rent(most) : null;
        var bytes = rented ?? stackalloc byte[LongestOnStack];
        var length = 0;
        foreach (var part in new ReadOnlySpan<string?>([collection, task, prompt, gold]))
        {
            length += Encoding.UTF8.GetBytes(part, bytes[length..]);
            bytes[length++] = 0;
        }

        // No separator behind the last one.
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..(length - 1)], hash);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return Convert.ToHexStringLower(hash[..16]);
    }
}
