using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Orca.Evaluation.Certificate;
using Orca.Streams.Answers;

namespace Orca.Evaluation.Tests.Certificate.Mutation;

/// <summary>Whether the certificate's responses tell changed extractors from the extractor.</summary>
internal sealed class MutationRun : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(250);

    private readonly Regex[] patterns;
    private readonly LoadedExtractor whole;
    private readonly List<CertificateCase> cases;
    private readonly Dictionary<CertificateCase, bool[]> used = new(ReferenceEqualityComparer.Instance);

    /// <param name="cases">Responses; those that the extractor itself does not read rightly tell nothing, and are left out.</param>
    public MutationRun(IEnumerable<CertificateCase> cases)
    {
        patterns = [.. Program.Patterns.OrderBy(one => one.Index).Select(one => Pattern(one.Pattern, one.Options))];
        whole = new LoadedExtractor(Program.Compile(), patterns);
        this.cases = [];
        foreach (var one in cases)
        {
            Array.Clear(whole.Used);
            if (!Differs(whole, one))
            {
                this.cases.Add(one);
                used[one] = [.. whole.Used];
            }
        }
    }

    /// <summary>The extractor.</summary>
    public ExtractorProgram Program { get; } = new(ExtractorSource.Files);

    /// <summary>How many responses tell something.</summary>
    public int Responses => cases.Count;

    /// <summary>All changes of the extractor, of its code and of its patterns, in a fixed order.</summary>
    public ImmutableArray<Mutant> Mutants() =>
    [
        .. Program.Sources.OrderBy(file => file.Key, StringComparer.Ordinal)
            .SelectMany(file => CodeMutants.Of(file.Key, file.Value.GetRoot()).Cast<Mutant>().Concat(PatternMutantsOf(file.Key)))
            .Where(Answered.IsExtractor),
    ];

    /// <summary>
    /// The response that tells a changed extractor from the extractor, or that there is none, or that it does not compile.
    /// </summary>
    public MutantOutcome Try(Mutant mutant) => mutant is PatternMutant pattern
        ? Try(mutant, cases.Where(one => used[one][pattern.Index]))
        : Try(mutant, cases);

    /// <summary>The same of other responses, as the extractor itself reads them (<see cref="Read"/>).</summary>
    public MutantOutcome Try(Mutant mutant, IEnumerable<CertificateCase> among)
    {
        if (mutant is PatternMutant pattern)
        {
            return TryPattern(pattern, among);
        }

        if (Program.Compile((CodeMutant)mutant) is not { } compiled)
        {
            return new MutantOutcome(mutant, IsProgram: false, null);
        }

        using var changed = new LoadedExtractor(compiled, patterns);
        return new MutantOutcome(mutant, IsProgram: true, FirstThatDiffers(changed, among));
    }

    /// <summary>A response with what the extractor makes of it; null where that takes it too long.</summary>
    public CertificateCase? Read(CertificateCase response)
    {
        try
        {
            return response with
            {
                Found = whole.Extract(response.Response, (int)response.Kind),
                Verdict = (AnswerVerdict)whole.Judge(response.Response, (int)response.Kind, response.Gold, response.Question),
            };
        }
        catch (Exception problem) when (problem is RegexMatchTimeoutException or TimeoutException)
        {
            return null;
        }
    }

    public void Dispose() => whole.Dispose();

    private static Regex Pattern(string pattern, int options) => new(pattern, (RegexOptions)options | RegexOptions.Compiled, Longest);

    private IEnumerable<Mutant> PatternMutantsOf(string file) => Program.Patterns.Where(pattern => pattern.File == file)
        .OrderBy(pattern => pattern.Index)
        .SelectMany(pattern => PatternMutants.Of(pattern.Pattern).Select((change, i) =>
            new PatternMutant(file, pattern.Where, i + 1, change.Was, change.Becomes, pattern.Index, change.Pattern)));

    private MutantOutcome TryPattern(PatternMutant mutant, IEnumerable<CertificateCase> among)
    {
        var own = patterns[mutant.Index];
        try
        {
            patterns[mutant.Index] = new Regex(mutant.Pattern, own.Options & ~RegexOptions.Compiled, Longest);
        }
        catch (Exception problem) when (problem is ArgumentException or NotSupportedException)
        {
            return new MutantOutcome(mutant, IsProgram: false, null);
        }

        var told = FirstThatDiffers(whole, among);
        patterns[mutant.Index] = own;
        return new MutantOutcome(mutant, IsProgram: true, told);
    }

    private CertificateCase? FirstThatDiffers(LoadedExtractor extractor, IEnumerable<CertificateCase> among)
    {
        var told = among.FirstOrDefault(one => Differs(extractor, one));
        if (told is not null && cases.Remove(told))
        {
            // What told one change often tells the next.
            cases.Insert(0, told);
        }

        return told;
    }

    // An extractor that fails or does not end differs too.
    private static bool Differs(LoadedExtractor extractor, CertificateCase one)
    {
        try
        {
            return extractor.Extract(one.Response, (int)one.Kind) != one.Found
                || extractor.Judge(one.Response, (int)one.Kind, one.Gold, one.Question) != (int)one.Verdict;
        }
        catch (Exception problem) when (problem is not OutOfMemoryException)
        {
            return true;
        }
    }
}

/// <summary>What came of a changed extractor.</summary>
/// <param name="Mutant">The change.</param>
/// <param name="IsProgram">Whether it compiles.</param>
/// <param name="Told">The response that it reads otherwise; null where it reads all alike.</param>
internal sealed record MutantOutcome(Mutant Mutant, bool IsProgram, CertificateCase? Told);
