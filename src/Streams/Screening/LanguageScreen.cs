using System.Globalization;
using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>Share of an answer's letters that are of a language nobody asked for, 0 to 1.</summary>
/// <remarks>
/// Asked for is what the question, the system message or a gold answer holds or names; where they speak of translating, anything is. A
/// language is told by its script, and within the Latin script by its function words (<see cref="LatinLanguages"/>), English never being
/// foreign there. Single Greek letters are mathematics.
/// </remarks>
public sealed class LanguageScreen : IScreen
{
    /// <summary>Room for a name or a word in its own letters.</summary>
    public const double DefaultMaxShare = 0.1;

    /// <inheritdoc/>
    public string Name => "language";

    /// <inheritdoc/>
    public string Settings => "language 1";

    /// <inheritdoc/>
    public double DefaultLimit => DefaultMaxShare;

    /// <inheritdoc/>
    public Measurement Measure(Trace trace)
    {
        var tally = LanguageTally.Of(trace.Response);
        if (IsPlainEnglish(tally) && trace.Request.Query.Prompt.AsSpan().ContainsAnyInRange('A', 'z'))
        {
            return Measurement.None;
        }

        var asked = new AskedLanguages(trace.Request);
        if (asked.AsksForAny)
        {
            return Measurement.None;
        }

        var (foreign, most, name) = (0L, 0, "");
        for (var script = Script.Latin; script <= Script.Other; script++)
        {
            Add(tally.Scripts[(int)script], script.ToString(), asked.Has(script));
        }

        for (var language = 1; language < tally.Languages.Length; language++)
        {
            Add(tally.Languages[language], LatinLanguages.Names[language], asked.HasLatin(language) || !asked.Has(Script.Latin));
        }

        return foreign == 0 ? Measurement.None : Found((double)foreign / tally.Letters, name);

        void Add(int letters, string language, bool isAsked)
        {
            if (letters > 0 && !isAsked)
            {
                foreign += letters;
                (most, name) = letters > most ? (letters, language) : (most, name);
            }
        }
    }

    private static Measurement Found(double share, string name) => new(
        share,
        string.Create(CultureInfo.InvariantCulture, $"{share:P0} of the answer's letters are of a language not asked for ({name})."));

    private static bool IsPlainEnglish(LanguageTally tally) =>
        tally.Scripts[(int)Script.Latin] == tally.Letters && !tally.Languages.ContainsAnyExcept(0);
}
