using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Orca.Evaluation.Tests.Certificate.Mutation;

/// <summary>
/// The small changes of code: operators exchanged, conditions and patterns negated, numbers one more and one less, texts emptied, results
/// replaced by none, statements removed. Those that do not compile are left out later.
/// </summary>
internal static class CodeMutants
{
    private static readonly Dictionary<SyntaxKind, string> Exchanged = new()
    {
        [SyntaxKind.LessThanToken] = "<=",
        [SyntaxKind.LessThanEqualsToken] = "<",
        [SyntaxKind.GreaterThanToken] = ">=",
        [SyntaxKind.GreaterThanEqualsToken] = ">",
        [SyntaxKind.EqualsEqualsToken] = "!=",
        [SyntaxKind.ExclamationEqualsToken] = "==",
        [SyntaxKind.AmpersandAmpersandToken] = "||",
        [SyntaxKind.BarBarToken] = "&&",
        [SyntaxKind.PlusToken] = "-",
        [SyntaxKind.MinusToken] = "+",
        [SyntaxKind.AsteriskToken] = "/",
        [SyntaxKind.PlusPlusToken] = "--",
        [SyntaxKind.MinusMinusToken] = "++",
        [SyntaxKind.AndKeyword] = "or",
        [SyntaxKind.OrKeyword] = "and",
    };

    public static IEnumerable<CodeMutant> Of(string file, SyntaxNode root)
    {
        var members = root.DescendantNodes().OfType<MemberDeclarationSyntax>()
            .Where(member => member is not (BaseTypeDeclarationSyntax or BaseNamespaceDeclarationSyntax) && !Answered.IsPattern(member));
        foreach (var member in members)
        {
            var number = 0;
            foreach (var (node, text) in Changes(member).OrderBy(change => change.Where.SpanStart).ThenBy(change => change.Where.Span.Length))
            {
                var was = root.SyntaxTree.GetText().ToString(node.Span);
                yield return new CodeMutant(file, Answered.NameOf(member), ++number, was, text, node.Span);
            }
        }
    }

    private static IEnumerable<(SyntaxNodeOrToken Where, string Text)> Changes(MemberDeclarationSyntax member)
    {
        foreach (var token in member.DescendantTokens())
        {
            if (Exchanged.TryGetValue(token.Kind(), out var other) && token.Parent is BinaryExpressionSyntax or RelationalPatternSyntax
                or BinaryPatternSyntax or PrefixUnaryExpressionSyntax or PostfixUnaryExpressionSyntax)
            {
                yield return (token, other);
            }
        }

        foreach (var change in member.DescendantNodes(node => node is not AttributeListSyntax).SelectMany(Changes))
        {
            yield return change;
        }
    }

    private static IEnumerable<(SyntaxNodeOrToken Where, string Text)> Changes(SyntaxNode node) => node switch
    {
        LiteralExpressionSyntax { Token.Value: int value } => [(node, $"{value + 1}"), (node, $"{value - 1}")],
        LiteralExpressionSyntax { Token.Value: char } => [(node, "'\\u0001'")],
        LiteralExpressionSyntax { Token.Value: string value } => [(node, value.Length == 0 ? "\"mutant\"" : "\"\"")],
        LiteralExpressionSyntax { Token.Value: bool value } => [(node, value ? "false" : "true")],
        IfStatementSyntax { Else: null } branch => [(branch.Condition, $"!({branch.Condition})"), (branch, "")],
        IfStatementSyntax branch => [(branch.Condition, $"!({branch.Condition})")],
        ConditionalExpressionSyntax choice => [(choice, $"{choice.WhenTrue}"), (choice, $"{choice.WhenFalse}")],
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression } either =>
            [(either, $"{either.Left}"), (either, $"{either.Right}")],
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalAndExpression or (int)SyntaxKind.LogicalOrExpression } both =>
            [(both, $"{both.Left}"), (both, $"{both.Right}")],
        PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression } not => [(not, $"{not.Operand}")],
        UnaryPatternSyntax not => [(not, $"{not.Pattern}")],
        IsPatternExpressionSyntax { Pattern: ConstantPatternSyntax or BinaryPatternSyntax or RelationalPatternSyntax } test =>
            [(test.Pattern, $"not ({test.Pattern})")],
        ReturnStatementSyntax { Expression: { } value } when value.ToString() is not ("null" or "false" or "true") =>
            [(value, "default!")],
        ExpressionStatementSyntax or ContinueStatementSyntax or BreakStatementSyntax { Parent: not SwitchSectionSyntax } => [(node, ";")],
        YieldStatementSyntax { RawKind: (int)SyntaxKind.YieldReturnStatement } => [(node, ";")],
        _ => [],
    };
}
