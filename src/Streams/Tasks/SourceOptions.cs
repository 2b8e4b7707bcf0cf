using System.Collections.Immutable;
using Orca.Streams.Tasks.Records;

namespace Orca.Streams.Tasks;

/// <summary>How questions are drawn from files.</summary>
public sealed record SourceOptions
{
    /// <summary>The paper's cap: a task of Natural Instructions gives no more questions than this (Orca, Table 3).</summary>
    public const int DefaultPerTask = 300;

    /// <summary>Decides the order of drawn and the content of generated questions.</summary>
    public long Seed { get; init; }

    /// <summary>Questions that a task of Natural Instructions (<c>niv2</c>) gives; 1 or more.</summary>
    public int PerTask { get; init; } = DefaultPerTask;

    /// <summary>Whether a task's questions are drawn at random; else in the order of its file.</summary>
    public bool IsShuffled { get; init; }

    /// <summary>Which of FLAN's templates are read.</summary>
    public TemplateChoice Templates { get; init; }

    /// <summary>Names of tasks that are left out, with <c>*</c> for any part; compared without case.</summary>
    public ImmutableArray<string> ExcludedTasks { get; init; } = [];

    /// <summary>
    /// Folder that keeps where the questions of large sources lie, so that these are gone over once; null to do so at every start.
    /// </summary>
    public string? CacheFolder { get; init; }
}
