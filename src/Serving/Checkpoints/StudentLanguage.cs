using System.Collections.Frozen;
using System.Collections.Immutable;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;

namespace Orca.Serving.Checkpoints;

/// <summary>What stands between texts and a student's tokens. Versions whose files for it are equal share one.</summary>
/// <param name="Identity">Equal for equal languages; changes with the tokenizer's files, the template or the end tokens.</param>
/// <param name="Tokenizer">Text to tokens and back.</param>
/// <param name="Template">How a question is put.</param>
/// <param name="EndTokens">Tokens by which the student ends an answer.</param>
/// <param name="VocabularySize">Every token id is below it: rows of the student's embedding.</param>
internal sealed record StudentLanguage(
    string Identity, ITokenizer Tokenizer, PromptTemplate Template, FrozenSet<int> EndTokens, int VocabularySize)
{
    private readonly Lazy<int> longestToken = new(
        () => Enumerable.Range(0, Tokenizer.VocabularySize).Aggregate(1, (most, id) => Math.Max(most, Tokenizer.BytesOf(id).Length)));

    /// <summary>Tokens that may be drawn: rows of the embedding beyond the tokenizer's ids are padding, which no text comes from.</summary>
    public int DrawableTokens => Math.Min(VocabularySize, Tokenizer.VocabularySize);

    /// <summary>Bytes of the longest token; 1 at least. Looked for when it is asked for first.</summary>
    public int LongestToken => longestToken.Value;

    /// <summary>Whether every token is of this vocabulary: rows of padding stand for no text, and no likelihood is known of them.</summary>
    public bool Holds(ImmutableArray<int> tokens) => tokens.All(token => token >= 0 && token < DrawableTokens);
}
