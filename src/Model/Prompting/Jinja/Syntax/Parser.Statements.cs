using System.Collections.Immutable;
using Orca.Model.Prompting.Jinja.Tree;

namespace Orca.Model.Prompting.Jinja.Syntax;

/// <summary>The statements.</summary>
internal sealed partial class Parser
{
    private Body ParseBody(params string[] ends)
    {
        var statements = ImmutableArray.CreateBuilder<Statement>();
        while (Current.Kind != TokenKind.End && !(Current.Kind == TokenKind.BlockBegin && IsEnd(Next, ends)))
        {
            statements.Add(ParseStatement());
        }

        return new Body(statements.DrainToImmutable());
    }

    // Statements up to one of these tags, whose name is taken.
    private (Body Body, string End) ParseBlock(params string[] ends)
    {
        blocks.Push(ends[^1]);
        var body = Nested(() => ParseBody(ends));
        blocks.Pop();
        if (Current.Kind == TokenKind.End)
        {
            throw Fault($"'{{% {ends[^1]} %}}' is missing");
        }

        Take();
        return (body, Take().Value);
    }

    // A block that only one tag can end.
    private Body ParseWholeBlock(string end)
    {
        Expect(TokenKind.BlockEnd);
        var (body, _) = ParseBlock(end);
        Expect(TokenKind.BlockEnd);
        return body;
    }

    private static bool IsEnd(Token tag, string[] ends) => tag.Kind == TokenKind.Name && ends.Contains(tag.Value);

    private Statement ParseStatement()
    {
        var token = Take();
        switch (token.Kind)
        {
            case TokenKind.Data:
                return new DataStatement(token.Value);
            case TokenKind.PrintBegin:
                var value = ParseTuple(withCondition: true);
                Expect(TokenKind.PrintEnd);
                return new PrintStatement(value);
            default:
                var tag = ExpectName();
                return tag switch
                {
                    "if" => ParseIf(),
                    "for" => ParseFor(),
                    "set" => ParseSet(),
                    "macro" => ParseMacro(),
                    "call" => ParseCallBlock(),
                    "filter" => ParseFilterBlock(),
                    "with" => ParseWith(),
                    "generation" => new ScopeStatement([], ParseWholeBlock("endgeneration")),
                    "print" => Closed(new PrintStatement(ParseTuple(withCondition: true))),
                    "break" => ParseJump(tag, Flow.Break),
                    "continue" => ParseJump(tag, Flow.Continue),
                    _ => throw new JinjaSyntaxException(
                        token.Line, blocks.Count > 0 && (tag.StartsWith("end", StringComparison.Ordinal) || tag is "else" or "elif")
                        ? $"unexpected tag '{tag}' where '{{% {blocks.Peek()} %}}' is missing"
                        : $"the tag '{tag}' is not known"),
                };
        }
    }

    private T Closed<T>(T statement)
    {
        Expect(TokenKind.BlockEnd);
        return statement;
    }

    private JumpStatement ParseJump(string tag, Flow flow) =>
        blocks.Contains("endfor") ? Closed(new JumpStatement(flow)) : throw Fault($"'{tag}' stands outside of a loop");

    private IfStatement ParseIf()
    {
        var branches = ImmutableArray.CreateBuilder<(Expression, Body)>();
        string end;
        do
        {
            var condition = ParseTuple(withCondition: false);
            Expect(TokenKind.BlockEnd);
            (var body, end) = ParseBlock("elif", "else", "endif");
            branches.Add((condition, body));
        }
        while (end == "elif");

        if (end == "else")
        {
            return new IfStatement(branches.DrainToImmutable(), Closed(ParseWholeBlockBody("endif")));
        }

        Expect(TokenKind.BlockEnd);
        return new IfStatement(branches.DrainToImmutable(), new Body([]));
    }

    private Body ParseWholeBlockBody(string end)
    {
        Expect(TokenKind.BlockEnd);
        return ParseBlock(end).Body;
    }

    private ForStatement ParseFor()
    {
        var target = ParseTargets();
        ExpectWord("in");
        var sequence = ParseTuple(withCondition: false);
        var condition = TakeName("if") ? ParseExpression() : null;
        if (Current.IsName("recursive"))
        {
            throw Fault("recursive loops are not supported");
        }

        Expect(TokenKind.BlockEnd);
        var (body, end) = ParseBlock("else", "endfor");
        var otherwise = end == "else" ? ParseWholeBlockBody("endfor") : new Body([]);
        return Closed(new ForStatement(target, sequence, condition, body, otherwise));
    }

    private Statement ParseSet()
    {
        var target = ParseTargets();
        if (TakeOperator("="))
        {
            return Closed(new SetStatement(target, ParseTuple(withCondition: true)));
        }

        var filters = ParseFilterChain();
        return new SetBlockStatement(target, ParseWholeBlock("endset"), filters);
    }

    private FilterStatement ParseFilterBlock()
    {
        var first = ParseFilterCall();
        var others = ParseFilterChain();
        return new FilterStatement(ParseWholeBlock("endfilter"), value => others(first(value)));
    }

    private ScopeStatement ParseWith()
    {
        var variables = ImmutableArray.CreateBuilder<(AssignmentTarget, Expression)>();
        while (Current.Kind != TokenKind.BlockEnd)
        {
            if (variables.Count > 0)
            {
                ExpectOperator(",");
            }

            var target = ParseTarget();
            ExpectOperator("=");
            variables.Add((target, ParseExpression()));
        }

        return new ScopeStatement(variables.DrainToImmutable(), ParseWholeBlock("endwith"));
    }

    private MacroStatement ParseMacro()
    {
        var name = ExpectName();
        assigned.Add(name);
        var parameters = ParseParameters();
        return new MacroStatement(new Macro(name, parameters, ParseMacroBody("endmacro")));
    }

    private CallBlockStatement ParseCallBlock()
    {
        var parameters = Current.IsOperator("(") ? ParseParameters() : [];
        var call = ParseExpression() as CallExpression ?? throw Fault("a call block calls nothing");
        return new CallBlockStatement(call, new Macro("caller", parameters, ParseMacroBody("endcall")));
    }

    // A loop around a macro is not the macro's own.
    private Body ParseMacroBody(string end)
    {
        var outer = blocks.ToArray();
        blocks.Clear();
        var body = ParseWholeBlock(end);
        foreach (var block in outer.Reverse())
        {
            blocks.Push(block);
        }

        return body;
    }

    private ImmutableArray<(string, Expression?)> ParseParameters()
    {
        var parameters = ImmutableArray.CreateBuilder<(string, Expression?)>();
        ExpectOperator("(");
        while (!TakeOperator(")"))
        {
            if (parameters.Count > 0)
            {
                ExpectOperator(",");
            }

            var name = ExpectName();
            assigned.Add(name);
            parameters.Add((name, TakeOperator("=") ? ParseExpression() : null));
        }

        return parameters.DrainToImmutable();
    }

    private AssignmentTarget ParseTargets()
    {
        var targets = ImmutableArray.CreateBuilder<AssignmentTarget>();
        targets.Add(ParseTarget());
        var several = false;
        while (TakeOperator(","))
        {
            several = true;
            if (Current.Kind == TokenKind.Name && !Current.IsName("in") || Current.IsOperator("("))
            {
                targets.Add(ParseTarget());
            }
        }

        return several ? new TupleTarget(targets.DrainToImmutable()) : targets[0];
    }

    private AssignmentTarget ParseTarget()
    {
        if (TakeOperator("("))
        {
            var inner = Nested(ParseTargets);
            ExpectOperator(")");
            return inner;
        }

        var name = ExpectName();
        if (TakeOperator("."))
        {
            var variable = ExpectName();
            assigned.Add(variable);
            return new NamespaceTarget(name, variable);
        }

        assigned.Add(name);
        return new VariableTarget(name);
    }
}
