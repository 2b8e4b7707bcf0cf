using Orca.Model.Network;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;

namespace Orca.Model.Embedded;

/// <summary>
/// The student that Orca trains when it is given no other: about 1.4 million parameters, small enough to learn the
/// built-in reasoning tasks within minutes on two cores. Its weights are not part of it: they are drawn at random.
/// </summary>
public static class EmbeddedStudent
{
    private const string Resource = "tokenizer.model";

    private static readonly Lazy<ITokenizer> TokenizerOnce = new(OpenTokenizer);

    /// <summary>
    /// Its tokenizer: 2,048 pieces, made by <c>scripts/train-tokenizer.sh</c> from the built-in tasks and general English.
    /// A number's first digit takes the space before it along, other digits stand alone; an item's number, as in <c>2)</c>, is one piece,
    /// so that what stands behind it is found by the piece before it; else brackets and line breaks join nothing.
    /// </summary>
    public static ITokenizer Tokenizer => TokenizerOnce.Value;

    /// <summary>Its prompt template: one marker a role.</summary>
    public static PromptTemplate Template => PromptTemplates.Markers;

    /// <summary>Its shape.</summary>
    public static LlamaConfig Config => new()
    {
        VocabularySize = Tokenizer.VocabularySize,
        HiddenSize = 128,
        IntermediateSize = 384,
        Layers = 4,
        Heads = 4,
        KvHeads = 4,
        MaxPositions = 512,
        BosId = Tokenizer.BosId,
        EosIds = [Tokenizer.EosId],
    };

    private static ITokenizer OpenTokenizer()
    {
        using var stream = typeof(EmbeddedStudent).Assembly.GetManifestResourceStream(Resource)!;
        var model = new byte[stream.Length];
        stream.ReadExactly(model);
        return TokenizerFolder.FromSentencePiece(model, "the embedded tokenizer");
    }
}
