using System.Collections.Immutable;
using Orca.Model.Prompting.Jinja.Library;
using Orca.Model.Prompting.Jinja.Tree;

namespace Orca.Model.Prompting.Jinja.Syntax;

/// <summary>
/// Makes the tree of a template, by the grammar of jinja2. Every tag, filter, test, method and function that it uses must be
/// known, so that nothing unknown is met only when a conversation gets there.
/// </summary>
internal sealed partial class Parser
{
    // Brackets, blocks and operators within each other.
    private const int MaxDepth = 100;

    private readonly ImmutableArray<Token> tokens;
    private readonly HashSet<string> assigned = new(StringComparer.Ordinal);
    private readonly List<(string Name, int Line)> called = [];
    private readonly Stack<string> blocks = new();
    private int at;
    private int depth;

    private Parser(ImmutableArray<Token> tokens) => this.tokens = tokens;

    private Token Current => tokens[at];

    private Token Next => tokens[Math.Min(at + 1, tokens.Length - 1)];

    /// <summary>The statements of a template.</summary>
    /// <exception cref="JinjaSyntaxException">It is malformed, or uses something that is not known.</exception>
    public static Body Parse(string template)
    {
        var parser = new Parser(Lexer.Split(template));
        var body = parser.ParseBody();
        if (parser.Current.Kind != TokenKind.End)
        {
            throw parser.Fault($"unexpected tag '{parser.Next.Value}'");
        }

        parser.CheckCalls();
        return body;
    }

    private void CheckCalls()
    {
        foreach (var (name, line) in called)
        {
            if (!assigned.Contains(name) && Functions.Find(name) is null && name != "caller")
            {
                throw new JinjaSyntaxException(line, $"the function '{name}' is not known");
            }
        }
    }

    private Token Take()
    {
        var token = Current;
        at = Math.Min(at + 1, tokens.Length - 1);
        return token;
    }

    private bool TakeName(string name)
    {
        var found = Current.IsName(name);
        at += found ? 1 : 0;
        return found;
    }

    private bool TakeOperator(string symbol)
    {
        var found = Current.IsOperator(symbol);
        at += found ? 1 : 0;
        return found;
    }

    private string ExpectName() => Current.Kind == TokenKind.Name ? Take().Value : throw Fault($"a name was expected, not {Current.Shown}");

    private void ExpectWord(string word)
    {
        if (!TakeName(word))
        {
            throw Fault($"'{word}' was expected, not {Current.Shown}");
        }
    }

    private void ExpectOperator(string symbol)
    {
        if (!TakeOperator(symbol))
        {
            throw Fault($"'{symbol}' was expected, not {Current.Shown}");
        }
    }

    private void Expect(TokenKind kind)
    {
        if (Current.Kind != kind)
        {
            throw Fault($"{new Token(kind, "", 0).Shown} was expected, not {Current.Shown}");
        }

        Take();
    }

    private T Nested<T>(Func<T> parse)
    {
        if (++depth > MaxDepth)
        {
            throw Fault($"more than {MaxDepth} brackets, blocks and operators within each other");
        }

        var result = parse();
        depth--;
        return result;
    }

    private JinjaSyntaxException Fault(string fault) => new(Current.Line, fault);
}
