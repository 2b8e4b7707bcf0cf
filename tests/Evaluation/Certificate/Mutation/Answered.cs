using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Orca.Evaluation.Tests.Certificate.Mutation;

/// <summary>What of the answers' room is the extractor: all that finds or compares the answer of a response.</summary>
internal static class Answered
{
    // What only tells a question's kind is asked by no extraction; its own tests hold it.
    private static readonly HashSet<string> Others =
    [
        "AnswerForm.cs", "ListAnswer.cs Is", "YesNoAnswer.cs Is", "OptionList.cs IsMultipleChoice", "AnswerMatch.cs IsRight",
        // Parts of patterns, which are changed as patterns.
        "YesNoAnswer.cs Not", "YesNoAnswer.cs Verdict", "YesNoAnswer.cs Adjective",
    ];

    public static bool IsExtractor(Mutant mutant) => !Others.Contains(mutant.File) && !Others.Contains($"{mutant.File} {mutant.Where}");

    /// <summary>Whether a member is a regular expression that the compiler writes.</summary>
    public static bool IsPattern(MemberDeclarationSyntax member) =>
        member.AttributeLists.SelectMany(list => list.Attributes).Any(attribute => $"{attribute.Name}" == "GeneratedRegex");

    public static string NameOf(MemberDeclarationSyntax member) => member switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        FieldDeclarationSyntax field => field.Declaration.Variables[0].Identifier.Text,
        _ => $"{member.Kind()}",
    };

    private static Microsoft.CodeAnalysis.CSharp.SyntaxKind Kind(this MemberDeclarationSyntax member) =>
        (Microsoft.CodeAnalysis.CSharp.SyntaxKind)member.RawKind;
}
