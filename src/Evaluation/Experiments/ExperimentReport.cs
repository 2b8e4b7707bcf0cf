using System.Collections.Immutable;
using Orca.Evaluation.Statistics;

namespace Orca.Evaluation.Experiments;

/// <summary>What came of an experiment, whichever way it fell: computed from its students alone.</summary>
/// <param name="Plan">What was fixed before.</param>
/// <param name="Students">Every student, by arm and seed.</param>
/// <param name="Comparisons">Every pair of arms by every measure, the one that decides first.</param>
public sealed record ExperimentReport(
    ExperimentPlan Plan, ImmutableArray<StudentResult> Students, ImmutableArray<ArmComparison> Comparisons)
{
    /// <summary>Computes it; pairs are compared over the seeds that both arms have.</summary>
    public static ExperimentReport Of(ExperimentPlan plan, IEnumerable<StudentResult> students)
    {
        ImmutableArray<StudentResult> all =
            [.. students.OrderBy(student => plan.Arms.IndexOf(student.Arm)).ThenBy(student => student.Seed)];
        ImmutableArray<string> questions = plan.HeldOutFamilies > 0
            ? [StudentScore.HeldOutInstances, StudentScore.HeldOutFamilies]
            : [StudentScore.HeldOutInstances];
        return new ExperimentReport(
            plan, all,
            [
                .. from which in questions
                   from protocol in plan.Protocols
                   from comparison in Compare(plan, all, which, protocol)
                   select comparison,
            ]);
    }

    private static IEnumerable<ArmComparison> Compare(
        ExperimentPlan plan, ImmutableArray<StudentResult> students, string questions, string protocol)
    {
        var compared = plan.Pairs.Select(pair => (pair.First, pair.Second, Seeds: Compare(pair, students, questions, protocol)))
            .Where(pair => pair.Seeds is not null).ToList();
        var tested = compared.Where(pair => pair.Seeds!.P is not null).ToList();
        var adjusted = Holm.Adjust([.. tested.Select(pair => (pair.First, pair.Seeds!.P!.Value))]);
        return compared.Select(pair => new ArmComparison(
            pair.First, pair.Second, questions, protocol, pair.Seeds!,
            tested.IndexOf(pair) is >= 0 and var place ? adjusted[place].Adjusted : null));
    }

    private static SeedComparison? Compare(
        ArmPair pair, ImmutableArray<StudentResult> students, string questions, string protocol)
    {
        var figures = students.Where(student => student.ChanceCorrected(questions, protocol) is not null)
            .ToDictionary(student => (student.Arm, student.Seed), student => student.ChanceCorrected(questions, protocol)!.Value);
        var seeds = figures.Keys.Where(key => key.Arm == pair.First && figures.ContainsKey((pair.Second, key.Seed)))
            .Select(key => key.Seed).Order().ToList();
        return seeds.Count == 0
            ? null
            : SeedComparison.Of(
                [.. seeds.Select(seed => figures[(pair.First, seed)])], [.. seeds.Select(seed => figures[(pair.Second, seed)])]);
    }
}
