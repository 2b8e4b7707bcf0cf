using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Orca.Streams.Sieves;

/// <summary>What a question consists of.</summary>
/// <param name="Words">How many words it has.</param>
/// <param name="Tokens">How many words and signs of arithmetic, brackets included.</param>
/// <param name="FirstEnd">Tokens of its first sentence or line; 0 where nothing ends one.</param>
/// <param name="LastStart">Tokens before its last sentence or line.</param>
/// <param name="Numbers">A hash of its numbers and signs in order.</param>
internal readonly record struct QuestionPrint(int Words, int Tokens, int FirstEnd, int LastStart, ulong Numbers)
{
    private const int LeastRest = 8;
    private const int LastWords = 4;

    /// <summary>A hash of the whole question.</summary>
    public ulong Whole(ReadOnlySpan<ulong> tokens) => Of(tokens[..Tokens]);

    /// <summary>A hash of it without its first sentence; 0 where too little would be left for it to be the same question.</summary>
    public ulong WithoutFirst(ReadOnlySpan<ulong> tokens) => FirstEnd > 0 ? OfRest(tokens[FirstEnd..Tokens]) : 0;

    /// <summary>A hash of it without its last sentence; 0 where too little would be left for it to be the same question.</summary>
    public ulong WithoutLast(ReadOnlySpan<ulong> tokens) => OfRest(tokens[..LastStart]);

    /// <summary>
    /// A hash of what questions of one kind differ in however much else they share: their numbers and signs, and their last words,
    /// where an instance, or the question about a passage, stands.
    /// </summary>
    public ulong Kind(ReadOnlySpan<ulong> words) => Numbers ^ Of(words[Math.Max(Words - LastWords, 0)..Words]);

    /// <summary>A hash of a task, which is to be mixed with that of <see cref="Kind"/>.</summary>
    public static ulong KindOf(string collection, string task) =>
        XxHash3.HashToUInt64(MemoryMarshal.AsBytes((ReadOnlySpan<char>)$"{collection}\0{task}"));

    private ulong OfRest(ReadOnlySpan<ulong> tokens) => tokens.Length >= LeastRest && tokens.Length * 2 >= Tokens ? Of(tokens) : 0;

    private static ulong Of(ReadOnlySpan<ulong> tokens) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(tokens)) | 1;
}
