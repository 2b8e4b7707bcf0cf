using Orca.Evaluation.Certificate;

namespace Orca.Evaluation.Tests.Certificate.Mutation;

/// <summary>
/// Looks for responses that tell changes of the extractor which no given response tells: varies those that tell other changes of the same
/// member, and others.
/// </summary>
internal sealed class ReadingSearch(MutationRun run, IReadOnlyList<CertificateCase> cases, int seed)
{
    private const int Pool = 4_000;

    private readonly Random random = new(seed);
    private readonly Variation variation = new(run.Program, cases, seed);

    /// <summary>Responses found, as the extractor itself reads them, and the changes that each was found by.</summary>
    /// <param name="left">The changes that nothing tells.</param>
    /// <param name="told">What tells other changes, by the changed member.</param>
    public IEnumerable<(Mutant Mutant, CertificateCase Found)> Find(
        IEnumerable<Mutant> left, ILookup<(string File, string Where), CertificateCase> told)
    {
        foreach (var member in left.GroupBy(mutant => (mutant.File, mutant.Where)))
        {
            CertificateCase[] near = [.. told[member.Key].Distinct()];
            var pool = Varied(near.Length == 0 ? cases : near).ToList();
            foreach (var mutant in member)
            {
                if (run.Try(mutant, pool).Told is { } found)
                {
                    yield return (mutant, found);
                }
            }
        }
    }

    private IEnumerable<CertificateCase> Varied(IReadOnlyList<CertificateCase> near)
    {
        for (var i = 0; i < Pool; i++)
        {
            if (run.Read(variation.Of(random.Next(4) == 0 ? cases : near)) is { } read)
            {
                yield return read;
            }
        }
    }
}
