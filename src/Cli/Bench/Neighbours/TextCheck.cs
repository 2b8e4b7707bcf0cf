namespace Orca.Cli.Bench.Neighbours;

/// <summary>Whether a caller's answers are the same beside others as alone. Requests are the same where their seeds are.</summary>
/// <param name="alone">What became of them alone.</param>
internal sealed class TextCheck(IEnumerable<RequestTrace> alone)
{
    private readonly Dictionary<int, IReadOnlyList<uint>> _answers =
        alone.Where(trace => trace.Fault is null).DistinctBy(trace => trace.Seed).ToDictionary(trace => trace.Seed, trace => trace.Answer);

    /// <summary>Requests whose answers can be compared, and of these the ones that differ.</summary>
    public (int Compared, int Changed) Compare(IEnumerable<RequestTrace> traces)
    {
        var both = traces.Where(trace => trace.Fault is null && _answers.ContainsKey(trace.Seed)).ToList();
        return (both.Count, both.Count(trace => !trace.Answer.SequenceEqual(_answers[trace.Seed])));
    }
}
