using Orca.Streams.Answers;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>Rejects answers that contradict the source's gold answer.</summary>
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
    public string Settings => judgesFreeText ? "gold-answer 1 free-text" : "gold-answer 1";

    /// <inheritdoc/>
    public ScreenVerdict Judge(Trace trace)
    {
        var query = trace.Request.Query;
        if (query.GoldAnswers.IsEmpty || (query.AnswerKind == AnswerKind.FreeText && !judgesFreeText))
        {
            return ScreenVerdict.Pass(Name);
        }

        return AnswerMatch.IsRight(trace.Response, query.Expected)
            ? ScreenVerdict.Pass(Name)
            : ScreenVerdict.Reject(Name, $"The answer is not '{query.GoldAnswers[0]}'.");
    }
}
