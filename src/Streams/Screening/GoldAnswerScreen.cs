using Orca.Streams.Answers;
using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>
/// 0 for an answer that agrees with a gold one of its source, 1 for one that contradicts them all; where a comparison of words cannot
/// tell, what a judge said of it, and <see cref="Undecided"/> without one. Questions without gold answers measure 0.
/// </summary>
/// <remarks>By its own limit what is undecided passes: free text is seldom said in the source's words. A lower limit rejects it.</remarks>
public sealed class GoldAnswerScreen : IScreen
{
    /// <summary>The value of an answer that may be right.</summary>
    public const double Undecided = 0.5;

    /// <summary>Its name.</summary>
    public const string ScreenName = "gold-answer";

    /// <inheritdoc/>
    public string Name => ScreenName;

    /// <inheritdoc/>
    public string Settings => "gold-answer 3";

    /// <inheritdoc/>
    public double DefaultLimit => Undecided;

    /// <inheritdoc/>
    public Measurement Measure(Trace trace)
    {
        var query = trace.Request.Query;
        if (query.GoldAnswers.IsEmpty)
        {
            return Measurement.None;
        }

        return AnswerMatch.Judge(trace.Response, query.Expected) switch
        {
            AnswerVerdict.Right => Measurement.None,
            AnswerVerdict.Wrong => new Measurement(1, $"The answer is not '{query.GoldAnswers[0]}'."),
            _ when trace.Judgement == AnswerVerdict.Right => Measurement.None,
            _ when trace.Judgement == AnswerVerdict.Wrong =>
                new Measurement(1, $"The judge finds that the answer is not '{query.GoldAnswers[0]}'."),
            _ => new Measurement(Undecided, $"Whether the answer is '{query.GoldAnswers[0]}' cannot be told."),
        };
    }
}
