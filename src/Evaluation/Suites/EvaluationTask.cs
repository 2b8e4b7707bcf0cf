using System.Collections.Immutable;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Suites;

/// <summary>One task of a benchmark.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Items">Its questions in the order of the file.</param>
public sealed record EvaluationTask(string Name, ImmutableArray<EvaluationItem> Items)
{
    /// <summary>What the authors say before every question; null for nothing.</summary>
    public string? Description { get; init; }

    /// <summary>
    /// Questions that the authors answer with an explanation before the one asked, ready to stand in a prompt; null for none.
    /// </summary>
    public string? Examples { get; init; }

    /// <summary>Share that the most frequent gold answer gets right, 0 to 1.</summary>
    public double Majority => Baselines.Majority(Golds);

    /// <summary>Share that the first option gets right wherever options have letters, 0 to 1.</summary>
    public double FirstOption => Baselines.FirstOption(Golds);

    /// <summary>Share that a blind guess among what is listed gets right, 0 to 1.</summary>
    public double Chance => Items.IsEmpty ? 0 : Items.Average(item => item.Chance);

    /// <summary>The most that anybody can get right of the items as they are published, 0 to 1.</summary>
    public double Attainable => Items.IsEmpty ? 0 : 1 - (Items.Sum(item => item.Defect?.Lost ?? 0) / Items.Length);

    private string?[] Golds => [.. Items.Select(item => item.Gold.FirstOrDefault())];
}
