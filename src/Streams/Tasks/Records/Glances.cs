using Orca.Streams.Answers;

namespace Orca.Streams.Tasks.Records;

/// <summary>A record that is a question, as far as it is looked at before it is drawn.</summary>
/// <param name="Offset">Its first byte in the text.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Collection">The collection that it names; null for none.</param>
/// <param name="Task">The task that it names; null for none.</param>
/// <param name="Key">A hash of what is asked, system message included: of the same question it is the same.</param>
/// <param name="IsAnswered">Whether it has an answer.</param>
internal readonly record struct Glance(long Offset, int Length, string? Collection, string? Task, ulong Key, bool IsAnswered);

/// <summary>What a file says of all its records.</summary>
/// <param name="Definition">What is asked of each; empty for nothing.</param>
/// <param name="Kind">How their answers are compared; null where each one's own form tells.</param>
internal sealed record RecordHead(string Definition, AnswerKind? Kind);

/// <summary>What a batch of records holds.</summary>
internal sealed class Glances
{
    /// <summary>The questions in order.</summary>
    public List<Glance> Questions { get; } = [];

    /// <summary>What is no question, or not used, by its line, as one sentence.</summary>
    public List<(long Line, string Message)> Faults { get; } = [];

    /// <summary>Records that are left out on purpose.</summary>
    public long LeftOut { get; set; }

    /// <summary>What the file says of all its records; null where it says nothing.</summary>
    public RecordHead? Head { get; set; }
}
