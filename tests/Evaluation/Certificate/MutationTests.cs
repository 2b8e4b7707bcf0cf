using Orca.Evaluation.Certificate;
using Orca.Evaluation.Tests.Certificate.Mutation;

namespace Orca.Evaluation.Tests.Certificate;

/// <summary>Whether the responses would notice if the extractor were another: how many of its small changes some response tells.</summary>
public sealed class MutationTests
{
    private const int Seed = 20261130;
    private const int Few = 40;
    private const int Many = 400;
    private const int Rounds = 20;

    // A small sample may miss it by a few.
    private const double LeastOfAFew = 0.9;
    private const double Least = 0.95;

    [Fact]
    public void The_extractor_reads_recorded_responses_as_it_did() =>
        Assert.Empty(ExtractorCertificate.Issue(RecordedReadings.Load()).Misses);

    // Half a minute and more.
    [Fact(Explicit = true)]
    public void Of_a_few_changes_of_the_extractor_most_are_told() => Assert.True(Score(All(), Few, _ => true) >= LeastOfAFew);

    [Fact(Explicit = true)]
    public void Of_several_hundred_changes_most_are_told() => Assert.True(Score(All(), Many, _ => true) >= Least);

    [Fact(Explicit = true)]
    public void Of_all_changes_of_patterns_most_are_told() =>
        Assert.True(Score(All(), int.MaxValue, mutant => mutant is PatternMutant) >= Least);

    // Half an hour and more.
    [Fact(Explicit = true)]
    public void Of_all_changes_most_are_told() => Assert.True(Score(All(), int.MaxValue, _ => true) >= Least);

    // The certificate's own responses alone.
    [Fact(Explicit = true)]
    public void What_the_styles_alone_tell_of_changed_patterns_is_printed() =>
        Assert.True(Score(CertificateFixture.Load().Cases, int.MaxValue, mutant => mutant is PatternMutant) > 0);

    // Takes as long as it is let: what is found is written at once, and may be added to readings.jsonl.
    [Fact(Explicit = true)]
    public void Responses_that_tell_what_is_left_are_searched_for()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "found.jsonl");
        var parts = Environment.ProcessorCount;
        Parallel.For(0, parts, part =>
        {
            using var run = new MutationRun(All());
            var mutants = run.Mutants().Where((_, i) => i % parts == part).Where(mutant => !EqualMutants.Names.Contains(mutant.Name));
            var outcomes = mutants.Select(run.Try).Where(outcome => outcome.IsProgram).ToArray();
            var told = outcomes.Where(outcome => outcome.Told is not null)
                .ToLookup(outcome => (outcome.Mutant.File, outcome.Mutant.Where), outcome => outcome.Told!);
            Mutant[] left = [.. outcomes.Where(outcome => outcome.Told is null).Select(outcome => outcome.Mutant)];
            var search = new ReadingSearch(run, [.. All()], part);
            for (var round = 1; left.Length > 0 && round <= Rounds; round++)
            {
                Write($"round {round}, part {part}: {left.Length} of {outcomes.Length} are not told");
                var found = new HashSet<Mutant>();
                foreach (var (mutant, reading) in search.Find(left, told))
                {
                    found.Add(mutant);
                    lock (path)
                    {
                        File.AppendAllText(path, RecordedReadings.Line(reading with { Style = mutant.File }) + '\n');
                    }
                }

                left = [.. left.Where(mutant => !found.Contains(mutant))];
                File.WriteAllLines($"{path}.left-{part}", left.Select(mutant => mutant.Name));
            }
        });
    }

    private static IEnumerable<CertificateCase> All() => CertificateFixture.Load().Cases.Concat(RecordedReadings.Load().Cases);

    // A seeded sample of the changes of code and patterns of all files, those aside that change nothing that could be told.
    private static double Score(IEnumerable<CertificateCase> cases, int most, Func<Mutant, bool> among)
    {
        using var run = new MutationRun(cases);
        var mutants = run.Mutants().Where(among).ToArray();
        new Random(Seed).Shuffle(mutants);
        var outcomes = mutants.Take(most).Select(run.Try).ToArray();
        var programs = outcomes.Where(outcome => outcome.IsProgram && !EqualMutants.Names.Contains(outcome.Mutant.Name)).ToArray();
        var left = programs.Where(outcome => outcome.Told is null).ToArray();
        var score = 1 - ((double)left.Length / programs.Length);
        Write($"{run.Responses} responses; {mutants.Length} changes, {outcomes.Length} tried, "
            + $"{outcomes.Count(outcome => !outcome.IsProgram)} do not compile, "
            + $"{outcomes.Count(outcome => outcome.IsProgram) - programs.Length} listed as equal; "
            + $"{programs.Length - left.Length} of {programs.Length} told: {score:P1}");
        foreach (var outcome in left)
        {
            Write($"not told: {outcome.Mutant.Name}");
        }

        return score;
    }

    private static void Write(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
