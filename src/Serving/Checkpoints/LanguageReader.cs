using System.Collections.Frozen;
using Orca.Model.Checkpoints;

namespace Orca.Serving.Checkpoints;

/// <summary>Makes the language of a checkpoint, or finds that it is the one of the checkpoint before.</summary>
internal static class LanguageReader
{
    /// <summary>The language of a checkpoint; <paramref name="previous"/> where it is the same.</summary>
    public static StudentLanguage Of(Checkpoint checkpoint, StudentLanguage? previous)
    {
        int[] endTokens = [.. checkpoint.Template.StopIds(checkpoint.Tokenizer).Union(checkpoint.Config.EosIds).Order()];
        var vocabulary = checkpoint.Config.VocabularySize;
        var identity = $"{checkpoint.TokenizerHash} {checkpoint.Template.Hash} {string.Join(',', endTokens)} {vocabulary}";
        return previous?.Identity == identity
            ? previous
            : new StudentLanguage(identity, checkpoint.Tokenizer, checkpoint.Template, endTokens.ToFrozenSet(), vocabulary);
    }
}
