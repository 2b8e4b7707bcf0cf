using System.Globalization;
using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>How surely an answer refuses, or is about being a model, instead of answering: 0 to 1.</summary>
/// <remarks>
/// Not whether certain words occur: an answer may speak of assistants, be sorry, or find that something cannot be told. What counts is how
/// the answer begins (<see cref="AnswerOpening"/>), who speaks there, and whether two signs of a refusal stand together: that it is a model
/// and lacks something, that it is sorry and cannot serve, that it misses its input and asks for it. Where the question asks for a voice
/// (a part, a letter, a dialogue), only what no part would say counts in full.
/// </remarks>
public sealed class RefusalScreen : IScreen
{
    /// <summary>More sure than not.</summary>
    public const double DefaultMaxSureness = 0.5;

    private const double Certain = 1;
    private const double Sure = 0.9;
    private const double Probable = 0.8;
    private const double Likely = 0.7;
    private const double Hint = 0.3;

    /// <inheritdoc/>
    public string Name => "refusal";

    /// <inheritdoc/>
    public string Settings => "refusal 1";

    /// <inheritdoc/>
    public double DefaultLimit => DefaultMaxSureness;

    /// <inheritdoc/>
    public Measurement Measure(Trace trace)
    {
        var opening = AnswerOpening.Of(trace.Response);
        if (opening is null || opening.SpeaksForAnother)
        {
            return Measurement.None;
        }

        var (sureness, what) = Strongest(opening, trace);
        return sureness == 0 ? Measurement.None : new Measurement(sureness, string.Create(
            CultureInfo.InvariantCulture, $"The answer {what} (sureness {sureness:0.0#})."));
    }

    private static (double Sureness, string What) Strongest(AnswerOpening opening, Trace trace)
    {
        var question = trace.Request.Query.Prompt;
        if (opening.IsModel is { } itself)
        {
            var part = RefusalPhrases.AsksForAMachine().IsMatch(question) ? 0.5 : 1;
            return itself.LacksSomething || opening.MissesInput
                ? (Certain * part, "speaks of being a model")
                : (Hint, "calls itself a model");
        }

        var (sureness, what) = opening.CannotServeThis ? (Sure, "refuses the request") : Spoken(opening, trace);
        return sureness is > Hint and < Sure && RefusalPhrases.AsksForAVoice().IsMatch(question) ? (sureness / 2, what) : (sureness, what);
    }

    // What a part, a letter or a dialogue may say as well.
    private static (double Sureness, string What) Spoken(AnswerOpening opening, Trace trace)
    {
        if (opening.IsSorry)
        {
            return opening.CannotServe || ((opening.CannotDo || opening.MissesInput) && !Concludes(trace.Response))
                ? (Probable, "is sorry that it cannot answer")
                : (Hint, "is sorry");
        }

        if (opening.CannotServe)
        {
            return (Likely, "says that it cannot serve");
        }

        if (opening.FindsItImproper)
        {
            return (Likely, "finds the request improper");
        }

        return opening.MissesInput && opening.AsksForIt && !RefusalPhrases.AsksForQuestions().IsMatch(trace.Request.Query.Prompt)
            ? (Likely, "asks for what it was to answer")
            : (0, "");
    }

    // Only the end of it, where an answer is.
    private static bool Concludes(string response) =>
        RefusalPhrases.Concludes().IsMatch(response.AsSpan(Math.Max(0, response.Length - 200)));
}
