using System.Collections.Immutable;
using Microsoft.ML.Tokenizers;

namespace Orca.Model.Tokenization;

/// <summary>Byte-pair encoding that begins with bytes, as GPT-2 and LLaMA 3 do it; the merging is Microsoft.ML.Tokenizers'.</summary>
internal sealed class ByteLevelEncoder
{
    private readonly WordCache words = new();
    private readonly BpeTokenizer merger;
    private readonly Dictionary<string, int>? wholeWords;

    /// <summary>Makes an encoder.</summary>
    /// <param name="vocabulary">Ids of pieces, written as <see cref="ByteLevelText"/>.</param>
    /// <param name="merges">The merges, the first ones first.</param>
    /// <param name="ignoresMerges">Whether a word that is a piece itself is taken whole, whatever the merges say.</param>
    /// <param name="source">How messages name the file.</param>
    /// <exception cref="ModelFormatException">A byte has no piece.</exception>
    public ByteLevelEncoder(Dictionary<string, int> vocabulary, IEnumerable<(string Left, string Right)> merges, bool ignoresMerges, string source)
    {
        for (var value = 0; value < 256; value++)
        {
            if (!vocabulary.ContainsKey(ByteLevelText.CharacterOf((byte)value).ToString()))
            {
                throw new ModelFormatException($"{source} has no piece for the byte 0x{value:X2}, which ByteLevel needs; copy the file again.");
            }
        }

        wholeWords = ignoresMerges ? vocabulary : null;
        merger = BpeTokenizer.Create(new BpeOptions(vocabulary)
        {
            Merges = merges.Select(pair => $"{pair.Left} {pair.Right}"),
            ByteLevel = true,
        });
    }

    /// <summary>Adds the ids of a word.</summary>
    public void Encode(string word, ImmutableArray<int>.Builder ids)
    {
        if (words.TryGet(word, out var known))
        {
            ids.AddRange(known);
            return;
        }

        int[] found = wholeWords is not null && wholeWords.TryGetValue(ByteLevelText.Write(word), out var whole)
            ? [whole]
            : [.. merger.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false)];
        words.Add(word, found);
        ids.AddRange(found);
    }
}
