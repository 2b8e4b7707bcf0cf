using System.Numerics;

namespace Orca.Streams.Screening;

/// <summary>Tells some languages of the Latin script by their function words, which make up a third of any text.</summary>
/// <remarks>
/// A word that is English too tells nothing; one that is a unit, a name of code or of mathematics is left out (per, men, var, sin). Words
/// of up to eight letters are looked up as one number.
/// </remarks>
internal static class LatinLanguages
{
    /// <summary>Longest word that is looked up.</summary>
    public const int LongestWord = 8;

    private const uint English = 1;

    /// <summary>The languages, by the number of their bit, as a question names them.</summary>
    public static ReadOnlySpan<string> Names => NamesByBit;

    private static readonly string[] NamesByBit =
    [
        "english", "german", "french", "spanish", "italian", "portuguese", "dutch", "polish", "czech", "finnish", "swedish", "danish",
        "norwegian", "turkish", "romanian", "hungarian", "indonesian",
    ];

    private static readonly string[] Words =
    [
        "the of and to in is that for it was on are as with he his at be this from or by an not but have had which you were her she all "
            + "their there been one if would who has more will no when so out up what can do its about than into them only other could "
            + "these two may then any our my now such like also how each some over very after most because your between should where",
        "der die das des den und ist nicht ein eine einen einer eines mit auf von zu dem im für sich auch wurde werden sind durch bei nach "
            + "oder aber wie wird zum zur seit sowie ich wir sie es er dass daß über unter seine ihre kann haben diese dieser nur noch wenn "
            + "aus vom mehr sehr war in an so was alle",
        "le la les des et est une un dans que qui pour sur pas avec du au aux ce cette sont par ne il elle nous vous je mais ou "
            + "leur leurs été être sa ses été comme ont dont",
        "el la los las que de en un una por con para es se del al lo su sus más como pero este esta son fue ser está hay muy también "
            + "yo ha han nos cuando entre sobre no",
        "il di che la le un una non con del della dei delle sono è si da in al alla nel nella più come ma anche questo questa gli "
            + "dal dalla essere ha lo",
        "que de da do das dos em um uma para não os as do no por mais na no nas nos se é foi são está ao à seu sua como mas "
            + "também ele ela isso pelo pela",
        "het een van niet in is of was dat op zijn voor met aan er maar om ook als bij naar uit deze wordt werd hij zij door nog kan "
            + "hebben wat te heeft dit worden",
        "się nie na jest że do to on jak są być przez ale dla co czy po od jego jej który która które oraz tym "
            + "także może już był była tej",
        "se na je že to jako jsou být pro ale od při který která které jeho také nebo byl byla bylo jsem není až než což",
        "ja on ei että oli kun mutta hän se joka myös ovat ole olla kuin tai jos niin vain hänen tämä nämä mitä minun sinun "
            + "täysin samaa mieltä tässä",
        "och att det som en är av för på med till den inte har om ett jag från kan in vi eller sig ska också när han hon",
        "og at det som en er af for på med til den ikke har om et jeg fra kan for at vi eller sig skal også når han hun",
        "og at det som en er av for på med til den ikke har om et jeg fra kan for at vi eller seg skal også når han hun",
        "ve bir bu için ile çok olarak daha gibi olan kadar sonra değil ne var ama en ise olduğu her ya",
        "și în că este un o la pe cu nu din care mai sau fi sunt prin pentru după între ale lui",
        "és hogy nem az egy is van meg ez de volt csak mint még már vagy ki azt lehet kell",
        "yang dan di untuk dengan tidak ini dari pada adalah dalam itu akan ke oleh sebagai juga atau bisa karena mereka kami saya",
    ];

    private static readonly ulong[] Keys = new ulong[2048];
    private static readonly uint[] Bits = new uint[Keys.Length];

    static LatinLanguages()
    {
        for (var language = 0; language < Words.Length; language++)
        {
            foreach (var word in Words[language].Split(' ').Where(word => word.Length is > 1 and <= LongestWord))
            {
                var key = word.Aggregate(0UL, Add);
                var slot = Slot(key);
                while (Keys[slot] != 0 && Keys[slot] != key)
                {
                    slot = (slot + 1) % Keys.Length;
                }

                Keys[slot] = key;
                Bits[slot] |= 1u << language;
            }
        }

        // What may as well be English tells nothing.
        for (var slot = 0; slot < Bits.Length; slot++)
        {
            Bits[slot] = (Bits[slot] & English) != 0 && Bits[slot] != English ? 0 : Bits[slot];
        }
    }

    /// <summary>A word's key with one more letter, in lower case.</summary>
    public static ulong Add(ulong key, char letter) => (key << 8) ^ Fold(letter);

    /// <summary>A bit for each language that has the word of a key among its function words.</summary>
    public static uint Of(ulong key)
    {
        for (var slot = Slot(key); Keys[slot] != 0; slot = (slot + 1) % Keys.Length)
        {
            if (Keys[slot] == key)
            {
                return Bits[slot];
            }
        }

        return 0;
    }

    private static int Slot(ulong key) => (int)((key * 0x9E3779B97F4A7C15) >> (64 - BitOperations.Log2((uint)Keys.Length)));

    // Letters beyond Latin-1 take the places of its control characters and signs; two that share one are seldom in the same language.
    private static ulong Fold(char letter) => letter <= '\u00FF' ? letter : (ulong)(0x80 | (letter & 0x3F));
}
