using System.Collections.Immutable;

namespace Orca.Model.Tokenization;

/// <summary>From text to ids: added tokens are found, what stands between them is cut into words, and words are encoded.</summary>
/// <param name="sections">Finds the added tokens.</param>
/// <param name="split">Cuts words.</param>
/// <param name="encodeWord">Adds the ids of a word.</param>
internal sealed class TextEncoder(TextSections sections, TextSplit split, Action<string, ImmutableArray<int>.Builder> encodeWord)
{
    /// <summary>Ids of plain text, in which no special token is found.</summary>
    public ImmutableArray<int> Encode(string text) => Encode(text, findsSpecials: false, []);

    /// <summary>Ids of a text in which special tokens are found where it is not literal.</summary>
    public ImmutableArray<int> EncodeMarked(string text, IReadOnlyList<TextSpan> literal) => Encode(text, findsSpecials: true, literal);

    private ImmutableArray<int> Encode(string text, bool findsSpecials, IReadOnlyList<TextSpan> literal)
    {
        var ids = ImmutableArray.CreateBuilder<int>(text.Length / 2);
        foreach (var section in sections.Of(text, findsSpecials, literal))
        {
            if (section.TokenId is { } token)
            {
                ids.Add(token);
                continue;
            }

            foreach (var word in split.Words(section.Piece))
            {
                encodeWord(word, ids);
            }
        }

        return ids.DrainToImmutable();
    }
}
