using System.Collections.Immutable;
using Orca.Model.Tokenization;

namespace Orca.Training.Tests.Checkpoints;

/// <summary>A tokenizer that does something whenever it is written into a checkpoint.</summary>
internal sealed class SavedTokenizer(ITokenizer inner, Action onSave) : ITokenizer
{
    public int VocabularySize => inner.VocabularySize;

    public int? BosId => inner.BosId;

    public int EosId => inner.EosId;

    public ImmutableArray<int> StartIds => inner.StartIds;

    public ImmutableArray<int> Encode(string text) => inner.Encode(text);

    public ImmutableArray<int> EncodeMarked(string text, IReadOnlyList<TextSpan> literal) => inner.EncodeMarked(text, literal);

    public int? FindSpecial(string piece) => inner.FindSpecial(piece);

    public string? NameOfSpecial(int id) => inner.NameOfSpecial(id);

    public string Decode(IEnumerable<int> ids) => inner.Decode(ids);

    public ReadOnlySpan<byte> BytesOf(int id) => inner.BytesOf(id);

    public StreamingDecoder StartDecoding() => inner.StartDecoding();

    public void Save(string folder)
    {
        onSave();
        inner.Save(folder);
    }
}
