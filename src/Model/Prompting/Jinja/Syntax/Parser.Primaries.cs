using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Orca.Model.Prompting.Jinja.Library;
using Orca.Model.Prompting.Jinja.Tree;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Syntax;

/// <summary>Values as they are written, and what stands behind them: attributes, elements, calls, filters and tests.</summary>
internal sealed partial class Parser
{
    // Variables of jinja2 that nothing here gives a value.
    private static readonly string[] UnsupportedNames = ["varargs", "kwargs", "self", "super", "lipsum", "cycler", "joiner"];

    // Several values with commas between them are a tuple, without brackets too.
    private Expression ParseTuple(bool withCondition, bool inBrackets = false)
    {
        var items = ImmutableArray.CreateBuilder<Expression>();
        var isTuple = false;
        while (!EndsTuple())
        {
            items.Add(withCondition ? ParseExpression() : Nested(ParseOr));
            if (!TakeOperator(","))
            {
                break;
            }

            isTuple = true;
        }

        return items.Count == 0 && !inBrackets
            ? throw Fault($"a value was expected, not {Current.Shown}")
            : items.Count == 1 && !isTuple ? items[0] : new ListExpression(items.DrainToImmutable(), isTuple: true);
    }

    private bool EndsTuple() => Current.Kind is TokenKind.BlockEnd or TokenKind.PrintEnd or TokenKind.End || Current.IsOperator(")");

    private Expression ParsePrimary()
    {
        var token = Take();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return ParseName(token);
            case TokenKind.Text:
                return new ConstantExpression(new TextValue(ParseTexts(token)));
            case TokenKind.Integer:
                return new ConstantExpression(new IntegerValue(PythonNumbers.ReadInteger(token.Value, IsHexadecimal(token.Value) ? 16 : 10)
                    ?? throw new JinjaSyntaxException(token.Line, $"the number {token.Value[..20]}... is too long")));
            case TokenKind.Float:
                return new ConstantExpression(new FloatValue(double.Parse(
                    token.Value.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture)));
            case TokenKind.Operator when token.Value == "(":
                var tuple = Nested(() => ParseTuple(withCondition: true, inBrackets: true));
                ExpectOperator(")");
                return tuple;
            case TokenKind.Operator when token.Value == "[":
                return new ListExpression(ParseItems("]", ParseExpression), isTuple: false);
            case TokenKind.Operator when token.Value == "{":
                return new DictionaryExpression(ParseItems("}", ParseEntry));
            default:
                throw new JinjaSyntaxException(token.Line, $"a value was expected, not {token.Shown}");
        }
    }

    private static bool IsHexadecimal(string number) => number.StartsWith("0x", StringComparison.OrdinalIgnoreCase);

    private static Expression ParseName(Token token) => token.Value switch
    {
        "true" or "True" => new ConstantExpression(BooleanValue.True),
        "false" or "False" => new ConstantExpression(BooleanValue.False),
        "none" or "None" => new ConstantExpression(NoneValue.Instance),
        _ when UnsupportedNames.Contains(token.Value) => throw new JinjaSyntaxException(token.Line, $"'{token.Value}' is not supported"),
        _ => new VariableExpression(token.Value),
    };

    // Texts beside each other are one.
    private string ParseTexts(Token first)
    {
        var text = new StringBuilder(first.Value);
        while (Current.Kind == TokenKind.Text)
        {
            text.Append(Take().Value);
        }

        return text.ToString();
    }

    private (Expression, Expression) ParseEntry()
    {
        var key = ParseExpression();
        ExpectOperator(":");
        return (key, ParseExpression());
    }

    private ImmutableArray<T> ParseItems<T>(string close, Func<T> parse)
    {
        var items = ImmutableArray.CreateBuilder<T>();
        while (!TakeOperator(close))
        {
            if (items.Count > 0)
            {
                ExpectOperator(",");
                if (TakeOperator(close))
                {
                    break;
                }
            }

            items.Add(parse());
        }

        return items.DrainToImmutable();
    }

    private Expression ParsePostfix(Expression value)
    {
        while (true)
        {
            if (TakeOperator("."))
            {
                value = Current.Kind == TokenKind.Integer
                    ? new ItemExpression(value, ParsePrimary())
                    : new AttributeExpression(value, ExpectName());
            }
            else if (TakeOperator("["))
            {
                value = ParseSubscript(value);
            }
            else if (Current.IsOperator("("))
            {
                value = ParseCall(value);
            }
            else
            {
                return value;
            }
        }
    }

    private Expression ParseSubscript(Expression value)
    {
        var first = Current.IsOperator(":") ? null : ParseExpression();
        if (first is not null && TakeOperator("]"))
        {
            return new ItemExpression(value, first);
        }

        if (!TakeOperator(":"))
        {
            throw Fault(Current.IsOperator(",") ? "several values between square brackets are not "
                + "supported" : $"']' was expected, not {Current.Shown}");
        }

        var stop = Current.IsOperator(":") || Current.IsOperator("]") ? null : ParseExpression();
        var step = TakeOperator(":") && !Current.IsOperator("]") ? ParseExpression() : null;
        ExpectOperator("]");
        return new SliceExpression(value, first, stop, step);
    }

    private CallExpression ParseCall(Expression callee)
    {
        var line = Current.Line;
        switch (callee)
        {
            case VariableExpression variable:
                called.Add((variable.Name, line));
                break;
            case AttributeExpression { Name: var name } when CollectionMethods.ChangingNames.Contains(name):
                throw new JinjaSyntaxException(line, $"the method '{name}' changes a value, which chat templates may not");
            case AttributeExpression { Name: var name } when !TextMethods.Names
                .Concat(CollectionMethods.Names).Concat(assigned).Contains(name):
                throw new JinjaSyntaxException(line, $"the method '{name}' is not known");
        }

        return new CallExpression(callee, ParseArguments());
    }

    private ArgumentList ParseArguments()
    {
        var positional = ImmutableArray.CreateBuilder<Expression>();
        var named = ImmutableArray.CreateBuilder<(string, Expression)>();
        ExpectOperator("(");
        ParseItems(")", () =>
        {
            if (Current.IsOperator("*") || Current.IsOperator("**"))
            {
                throw Fault($"arguments behind '{Current.Value}' are not supported");
            }

            if (Current.Kind == TokenKind.Name && Next.IsOperator("="))
            {
                var name = ExpectName();
                Take();
                named.Add((name, ParseExpression()));
            }
            else if (named.Count == 0)
            {
                positional.Add(ParseExpression());
            }
            else
            {
                throw Fault("an argument without a name stands behind one with a name");
            }

            return true;
        });
        return new ArgumentList(positional.DrainToImmutable(), named.DrainToImmutable());
    }

    private Expression ParseFilters(Expression value)
    {
        while (true)
        {
            if (Current.IsOperator("|"))
            {
                value = ParseFilterChain()(value);
            }
            else if (Current.IsName("is"))
            {
                value = ParseTest(value);
            }
            else if (Current.IsOperator("("))
            {
                value = ParseCall(value);
            }
            else
            {
                return value;
            }
        }
    }

    private Func<Expression, Expression> ParseFilterChain()
    {
        Func<Expression, Expression> chain = value => value;
        while (TakeOperator("|"))
        {
            var (before, filter) = (chain, ParseFilterCall());
            chain = value => filter(before(value));
        }

        return chain;
    }

    private Func<Expression, Expression> ParseFilterCall()
    {
        var line = Current.Line;
        var name = ExpectName();
        var filter = Filters.Find(name) ?? throw new JinjaSyntaxException(line, $"the filter '{name}' is not known");
        var arguments = Current.IsOperator("(") ? ParseArguments() : ArgumentList.None;
        CheckNamed(name, arguments, line);
        return value => new FilterExpression(value, filter, arguments);
    }

    // Filters and tests that other filters use are named by a text, most often one in the template.
    private static void CheckNamed(string filter, ArgumentList arguments, int line)
    {
        var place = filter switch { "map" or "select" or "reject" => 0, "selectattr" or "rejectattr" => 1, _ => -1 };
        if (place < 0 || place >= arguments.Positional.Length || arguments.Positional[place] is not ConstantExpression { Value: TextValue name })
        {
            return;
        }

        if (filter == "map" ? Filters.Find(name.Value) is null : Tests.Find(name.Value) is null)
        {
            throw new JinjaSyntaxException(line, $"the {(filter == "map" ? "filter" : "test")} '{name.Value}' is not known");
        }
    }

    private Expression ParseTest(Expression value)
    {
        Take();
        var negated = TakeName("not");
        var line = Current.Line;
        var name = ExpectName();
        var test = Tests.Find(name) ?? throw new JinjaSyntaxException(line, $"the test '{name}' is not known");
        var arguments = Current.IsOperator("(")
            ? ParseArguments()
            : BeginsArgument() ? new ArgumentList([Nested(() => ParsePostfix(ParsePrimary()))], []) : ArgumentList.None;
        Expression result = new TestExpression(value, test, arguments);
        return negated ? new NotExpression(result) : result;
    }

    private bool BeginsArgument() => Current.Kind switch
    {
        TokenKind.Name => Current.Value is not ("else" or "or" or "and" or "if" or "is" or "in" or "not"),
        TokenKind.Text or TokenKind.Integer or TokenKind.Float => true,
        _ => Current.IsOperator("[") || Current.IsOperator("{"),
    };
}
