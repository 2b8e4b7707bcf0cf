using System.Collections.Immutable;

namespace Orca.Streams.Collecting;

/// <summary>What collecting has done in this run.</summary>
/// <remarks>Every query drawn is in exactly one place: Queries = Skipped + Kept + Rejected + Failed + InFlight.</remarks>
public sealed record PipelineStatistics
{
    /// <summary>Queries drawn from the sources.</summary>
    public long Queries { get; init; }

    /// <summary>Queries left out because their answer was stored before, or is on its way.</summary>
    public long Skipped { get; init; }

    /// <summary>Times a teacher was asked.</summary>
    public long Asked { get; init; }

    /// <summary>Traces that passed every screen.</summary>
    public long Kept { get; init; }

    /// <summary>Rejected traces by screen.</summary>
    public ImmutableSortedDictionary<string, long> RejectedByScreen { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Traces that did not pass.</summary>
    public long Rejected => RejectedByScreen.Values.Sum();

    /// <summary>Requests that can never be answered.</summary>
    public long Failed { get; init; }

    /// <summary>Queries drawn whose end is still open.</summary>
    public long InFlight { get; init; }

    /// <summary>Calls that failed and whose request is asked again, in this run or the next.</summary>
    public long TeacherFailures { get; init; }

    /// <summary>Records of the sources that could not be read.</summary>
    public long SourceFaults { get; init; }

    /// <summary>Traces kept or rejected in a second, over the last ten.</summary>
    public double TracesPerSecond { get; init; }

    /// <summary>Tokens of the answers as their teachers counted them.</summary>
    public long CompletionTokens { get; init; }

    /// <summary>Tokens of the prompts as their teachers counted them.</summary>
    public long PromptTokens { get; init; }

    /// <summary>US dollars paid.</summary>
    public decimal Cost { get; init; }
}
