using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>
/// The scripts and languages that an answer may be in: those that its question, system message and gold answers hold or name.
/// </summary>
internal sealed class AskedLanguages
{
    private static readonly (string Name, Script[] Scripts)[] Named =
    [
        ("chinese", [Script.Han]), ("mandarin", [Script.Han]), ("cantonese", [Script.Han]), ("kanji", [Script.Han, Script.Kana]),
        ("japanese", [Script.Han, Script.Kana]), ("hiragana", [Script.Kana]), ("katakana", [Script.Kana]),
        ("korean", [Script.Hangul, Script.Han]), ("hangul", [Script.Hangul]),
        ("russian", [Script.Cyrillic]), ("ukrainian", [Script.Cyrillic]), ("bulgarian", [Script.Cyrillic]), ("serbian", [Script.Cyrillic]),
        ("macedonian", [Script.Cyrillic]), ("belarus", [Script.Cyrillic]), ("kazakh", [Script.Cyrillic]), ("cyrillic", [Script.Cyrillic]),
        ("greek", [Script.Greek]), ("armenian", [Script.Armenian]), ("georgian", [Script.Georgian]), ("hebrew", [Script.Hebrew]),
        ("yiddish", [Script.Hebrew]), ("arabic", [Script.Arabic]), ("persian", [Script.Arabic]), ("farsi", [Script.Arabic]),
        ("urdu", [Script.Arabic]), ("pashto", [Script.Arabic]), ("kurdish", [Script.Arabic]), ("sindhi", [Script.Arabic]),
        ("hindi", [Script.Devanagari]), ("marathi", [Script.Devanagari]), ("nepali", [Script.Devanagari]),
        ("sanskrit", [Script.Devanagari]), ("bengali", [Script.Bengali]), ("bangla", [Script.Bengali]), ("assamese", [Script.Bengali]),
        ("punjabi", [Script.Gurmukhi, Script.Arabic]), ("gujarati", [Script.Gujarati]), ("tamil", [Script.Tamil]),
        ("telugu", [Script.Telugu]), ("kannada", [Script.Kannada]), ("malayalam", [Script.Malayalam]), ("sinhal", [Script.Sinhala]),
        ("thai", [Script.Thai]), ("laotian", [Script.Lao]), ("tibetan", [Script.Tibetan]), ("burmese", [Script.Burmese]),
        ("amharic", [Script.Ethiopic]), ("khmer", [Script.Khmer]), ("mongolian", [Script.Mongolian, Script.Cyrillic]),
    ];

    // What asks for some other language without naming it; most that translate name it, but not every language's name is known here.
    private static readonly string[] Any =
        ["translat", "languages", "foreign language", "another language", "other language", "not in english", "than english"];

    private readonly string[] texts;
    private readonly LanguageTally held;

    /// <summary>What the request of an answer holds and names.</summary>
    public AskedLanguages(TeacherRequest request)
    {
        texts = [request.Query.Prompt, request.SystemMessage, .. request.Query.GoldAnswers];
        held = LanguageTally.Of(string.Join('\n', texts));
        AsksForAny = Any.Any(Names);
    }

    /// <summary>Whether any language is right.</summary>
    public bool AsksForAny { get; }

    /// <summary>Whether letters of a script are in place.</summary>
    public bool Has(Script script) => held.Scripts[(int)script] > 0
        || Named.Any(language => language.Scripts.Contains(script) && Names(language.Name));

    /// <summary>Whether a language of the Latin script is in place, by its number among <see cref="LatinLanguages.Names"/>.</summary>
    public bool HasLatin(int language) => held.Languages[language] > 0 || Names(LatinLanguages.Names[language]);

    private bool Names(string name) => texts.Any(text => text.Contains(name, StringComparison.OrdinalIgnoreCase));
}
