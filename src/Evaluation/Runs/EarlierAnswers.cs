using System.Collections.Immutable;
using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Runs;

/// <summary>Answers that a student gave in other runs, so that no prompt is put to it twice.</summary>
public static class EarlierAnswers
{
    /// <summary>
    /// Those of the same weights, or by wish of the same name, in the runs that lie beside a run's folder and were asked by the same
    /// protocol. A run that cannot be read gives none.
    /// </summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="version">
    /// The version that answers, which names its weights; null: those of the same name's, whoever answered for it then.
    /// </param>
    public static ImmutableArray<ItemRecord> Beside(string folder, RunPlan plan, string? version)
    {
        var own = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var parent = Path.GetDirectoryName(own);
        return parent is null || !Directory.Exists(parent)
            ? []
            : [.. Directory.GetDirectories(parent).Order(StringComparer.Ordinal).Where(other => other != own)
                .SelectMany(other => In(other, plan, version))];
    }

    private static IEnumerable<ItemRecord> In(string folder, RunPlan plan, string? version)
    {
        try
        {
            // Without a version the name is all that tells who answered.
            var other = EvaluationFolder.PlanOf(folder);
            return other.Protocol == plan.Protocol && (version is not null || other.Subject == plan.Subject)
                ? EvaluationFolder.Read(folder).Where(record => record.Refusal is null && (version is null || record.Version == version))
                : [];
        }
        catch (Exception none) when (none is EvaluationException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
