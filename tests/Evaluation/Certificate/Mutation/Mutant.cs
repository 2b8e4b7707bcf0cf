using Microsoft.CodeAnalysis.Text;

namespace Orca.Evaluation.Tests.Certificate.Mutation;

/// <summary>One small change of the extractor's source.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Where">The member changed, or the pattern of that name.</param>
/// <param name="Number">Its place among the changes of the same member.</param>
/// <param name="Was">The text that is replaced.</param>
/// <param name="Becomes">What stands there instead.</param>
internal abstract record Mutant(string File, string Where, int Number, string Was, string Becomes)
{
    /// <summary>Names it in lists, alike as long as the member stays as it is.</summary>
    public string Name => $"{File} {Where} {Number}: {Shown(Was)} → {Shown(Becomes)}";

    private static string Shown(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>A change of the code, compiled by itself.</summary>
internal sealed record CodeMutant(string File, string Where, int Number, string Was, string Becomes, TextSpan Span)
    : Mutant(File, Where, Number, Was, Becomes);

/// <summary>A change of a pattern, which the compiled program takes at run time.</summary>
/// <param name="Index">The pattern's number in the program.</param>
/// <param name="Pattern">The whole pattern with the change in it.</param>
internal sealed record PatternMutant(string File, string Where, int Number, string Was, string Becomes, int Index, string Pattern)
    : Mutant(File, Where, Number, Was, Becomes);
