using System.Globalization;
using Orca.Streams.Sieves;
using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>
/// Jaccard similarity, 0 to 1, of an answer's runs of five words with those of the nearest earlier answer to another question; 0 for
/// answers of fewer than 24 words, since short answers are the same by right.
/// </summary>
/// <remarks>
/// An answer is remembered when it is measured, under its request, so that of two answers measured at once one finds the other; one
/// that is more similar to another than <paramref name="addsUpTo"/> is not, as it will be rejected. An answer that is judged again is
/// compared with those that came before it then. So it stands last among the screens: what another rejects is not measured.
/// </remarks>
/// <param name="answers">The answers, which outlast a run in a file.</param>
/// <param name="addsUpTo">The limit by which the plan rejects.</param>
public sealed class NearDuplicateScreen(NearDuplicates answers, double addsUpTo = NearDuplicates.DefaultThreshold) : IScreen
{
    /// <inheritdoc/>
    public string Name => "near-duplicate";

    /// <inheritdoc/>
    public string Settings => "near-duplicate 1";

    /// <inheritdoc/>
    public double DefaultLimit => NearDuplicates.DefaultThreshold;

    /// <inheritdoc/>
    public bool Remembers => true;

    /// <summary>The keys under which an answer is remembered: of its question, and of its request.</summary>
    public static (ulong Question, ulong Request) KeysOf(TeacherRequest request) =>
        (RepeatedQuestions.KeyOf(request.Query),
            ulong.Parse(request.Id.AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    /// <summary>Remembers an answer that was accepted before: a lost index is built again so, from the store, oldest first.</summary>
    public void Remember(TeacherRequest request, string response)
    {
        var (question, own) = KeysOf(request);
        answers.Measure(question, own, response, addsUpTo);
    }

    /// <inheritdoc/>
    public Measurement Measure(Trace trace)
    {
        var (question, own) = KeysOf(trace.Request);
        return answers.Measure(question, own, trace.Response, addsUpTo) is not { } match
            ? Measurement.None
            : new Measurement(
                match.Similarity,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The answer is nearly the one to another question ({match.Key:x16}…): they are {match.Similarity:f2} alike."));
    }
}
