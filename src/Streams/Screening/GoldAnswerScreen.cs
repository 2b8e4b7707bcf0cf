using Orca.Streams.Answers;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>1 for an answer that contradicts the source's gold answer, else 0.</summary>
/// <remarks>
/// Passes questions without gold answers. Free text is compared only where <paramref name="judgesFreeText"/> says so: a teacher's
/// paraphrase is seldom the source's wording, and would be lost.
/// </remarks>
/// <param name="judgesFreeText">Whether free text must equal a gold answer too.</param>
public sealed class GoldAnswerScreen(bool judgesFreeText = false) : IScreen
{
    /// <inheritdoc/>
    public string Name => "gold-answer";

    /// <inheritdoc/>
    public string Settings => judgesFreeText ? "gold-answer 2 free-text" : "gold-answer 2";

    /// <inheritdoc/>
    public double DefaultLimit => 0;

    /// <inheritdoc/>
    public Measurement Measure(Trace trace)
    {
        var query = trace.Request.Query;
        return query.GoldAnswers.IsEmpty || (query.AnswerKind == AnswerKind.FreeText && !judgesFreeText)
            || AnswerMatch.IsRight(trace.Response, query.Expected)
            ? Measurement.None
            : new Measurement(1, $"The answer is not '{query.GoldAnswers[0]}'.");
    }
}
