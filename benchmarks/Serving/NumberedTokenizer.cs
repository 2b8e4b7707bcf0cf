using System.Collections.Immutable;
using System.Text;
using Orca.Model.Tokenization;

namespace Orca.Serving.Benchmarks;

/// <summary>A vocabulary of every byte, and of made-up words of two to eight letters.</summary>
internal sealed class NumberedTokenizer : ITokenizer
{
    private readonly byte[][] tokens;

    public NumberedTokenizer(int size)
    {
        var random = new Random(2);
        tokens = [.. Enumerable.Range(0, size).Select(id => id < 256 ? [(byte)id] : Word(random))];
    }

    public int VocabularySize => tokens.Length;

    public int? BosId => null;

    public int EosId => 0;

    public ImmutableArray<int> Encode(string text) => [.. Encoding.UTF8.GetBytes(text).Select(value => (int)value)];

    public ImmutableArray<int> EncodeMarked(string text, IReadOnlyList<TextSpan> literal) => Encode(text);

    public ImmutableArray<int> StartIds => [];

    public int? FindSpecial(string piece) => null;

    public string? NameOfSpecial(int id) => null;

    public string Decode(IEnumerable<int> ids) => Encoding.UTF8.GetString([.. ids.SelectMany(id => tokens[id])]);

    public ReadOnlySpan<byte> BytesOf(int id) => tokens[id];

    public StreamingDecoder StartDecoding() => throw new NotSupportedException("Benchmarks draw tokens and decode none.");

    public void Save(string folder) => throw new NotSupportedException("There is no file behind it.");

    private static byte[] Word(Random random) => [.. Enumerable.Range(0, random.Next(2, 9)).Select(_ => (byte)(random.Next(5) == 0 ? ' ' : 'a' + random.Next(26)))];
}
