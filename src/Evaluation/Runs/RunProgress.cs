namespace Orca.Evaluation.Runs;

/// <summary>How far a run is.</summary>
/// <param name="Done">Answers there are, those of earlier starts included.</param>
/// <param name="Total">Answers there will be.</param>
/// <param name="Right">Right ones among those that are there.</param>
/// <param name="Unparsed">Those without an answer.</param>
/// <param name="Left">Time left at the pace of this start; null until there is one.</param>
public sealed record RunProgress(int Done, int Total, int Right, int Unparsed, TimeSpan? Left)
{
    /// <summary>With one answer more.</summary>
    /// <param name="record">The answer.</param>
    /// <param name="before">Answers there were when this start began.</param>
    /// <param name="elapsed">Time since then.</param>
    internal RunProgress With(ItemRecord record, int before, TimeSpan elapsed) => new(
        Done + 1,
        Total,
        Right + (record.IsRight ? 1 : 0),
        Unparsed + (record.Answer is null ? 1 : 0),
        elapsed * ((double)(Total - Done - 1) / (Done + 1 - before)));
}
