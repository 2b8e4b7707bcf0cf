using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Orca.Model.Prompting.Jinja.Syntax;

/// <summary>
/// Splits a template into tokens as jinja2 does with <c>trim_blocks</c> and <c>lstrip_blocks</c>: a line break right behind a
/// block or comment is taken out, and so are the spaces before one that begins its line; <c>-</c> takes out all white space on
/// its side, <c>+</c> none; a single line break at the template's end is taken out.
/// </summary>
internal sealed partial class Lexer
{
    private readonly string source;
    private readonly ImmutableArray<Token>.Builder tokens = ImmutableArray.CreateBuilder<Token>();
    private int at;
    private int line = 1;

    // Whether what stands at the position begins a line, though the line break before it belongs to a tag.
    private bool beginsLine = true;

    private Lexer(string source) => this.source = source;

    /// <summary>The tokens of a template, the last of kind <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="JinjaSyntaxException">Something in it is no token, or a tag is not closed.</exception>
    public static ImmutableArray<Token> Split(string template)
    {
        var unified = template.Replace("\r\n", "\n").Replace('\r', '\n');
        var lexer = new Lexer(unified.EndsWith('\n') ? unified[..^1] : unified);
        lexer.Split();
        return lexer.tokens.DrainToImmutable();
    }

    private void Split()
    {
        while (at < source.Length)
        {
            var tag = NextTag();
            ReadData(tag);
            if (tag < source.Length)
            {
                ReadTag();
            }
        }

        Add(TokenKind.End, "");
    }

    private int NextTag()
    {
        for (var i = source.IndexOf('{', at); i >= 0 && i + 1 < source.Length; i = source.IndexOf('{', i + 1))
        {
            if (source[i + 1] is '{' or '%' or '#')
            {
                return i;
            }
        }

        return source.Length;
    }

    private void ReadData(int end)
    {
        var text = source.AsSpan(at, end - at);
        var mode = end + 2 < source.Length ? source[end + 2] : ' ';
        if (end < source.Length && mode == '-')
        {
            text = text.TrimEnd(Spaces.All);
        }
        else if (end < source.Length && mode != '+' && source[end + 1] != '{')
        {
            text = WithoutIndent(text);
        }

        if (!text.IsEmpty)
        {
            tokens.Add(new Token(TokenKind.Data, text.ToString(), line));
        }

        Advance(end - at);
    }

    private ReadOnlySpan<char> WithoutIndent(ReadOnlySpan<char> text)
    {
        var lineStart = text.LastIndexOf('\n') + 1;
        return (lineStart > 0 || beginsLine) && text[lineStart..].Trim(Spaces.All).IsEmpty ? text[..lineStart] : text;
    }

    private void ReadTag()
    {
        if (source[at + 1] == '#')
        {
            ReadTo(Comment(), "comment is not closed by '#}'");
            return;
        }

        if (RawBegin().Match(source, at) is { Success: true } raw)
        {
            Advance(raw.Length);
            ReadRaw();
            return;
        }

        var isBlock = source[at + 1] == '%';
        var opened = line;
        Add(isBlock ? TokenKind.BlockBegin : TokenKind.PrintBegin, source.Substring(at, 2));
        Advance(at + 2 < source.Length && source[at + 2] is '-' or '+' ? 3 : 2);
        ReadExpression(isBlock ? BlockEnd() : PrintEnd(), isBlock, opened);
    }

    private void ReadRaw()
    {
        var match = RawEnd().Match(source, at);
        if (!match.Success)
        {
            throw Fault("raw block is not closed by '{% endraw %}'");
        }

        var text = match.Groups[1].Value;
        var mode = match.Groups[2].Value;
        text = mode == "-" ? text.TrimEnd(Spaces.All.ToCharArray()) : mode == "+" ? text : WithoutIndent(text).ToString();
        if (text.Length > 0)
        {
            Add(TokenKind.Data, text);
        }

        Advance(match.Length);
        beginsLine = source[at - 1] == '\n';
    }

    private void ReadExpression(Regex end, bool isBlock, int opened)
    {
        var brackets = new Stack<char>();
        while (true)
        {
            if (at >= source.Length)
            {
                throw new JinjaSyntaxException(opened, $"tag is not closed by '{(isBlock ? "%}" : "}}")}'");
            }

            if (brackets.Count == 0 && end.Match(source, at) is { Success: true } closing)
            {
                Add(isBlock ? TokenKind.BlockEnd : TokenKind.PrintEnd, closing.Value);
                Advance(closing.Length);
                beginsLine = source[at - 1] == '\n';
                return;
            }

            ReadExpressionToken(brackets);
        }
    }

    private void ReadExpressionToken(Stack<char> brackets)
    {
        if (SpacesPattern().Match(source, at) is { Success: true } spaces)
        {
            Advance(spaces.Length);
            return;
        }

        var (kind, match) = new[] { (TokenKind.Float, Float()), (TokenKind.Integer, Integer()), (TokenKind.Name, Name()), (TokenKind.Text, Text()), (TokenKind.Operator, Operators()) }
            .Select(rule => (rule.Item1, rule.Item2.Match(source, at)))
            .FirstOrDefault(found => found.Item2.Success);
        if (match is null)
        {
            throw Fault($"unexpected character '{source[at]}'");
        }

        if (kind == TokenKind.Operator)
        {
            Balance(brackets, match.Value);
        }

        Add(kind, kind == TokenKind.Text ? TextLiteral.Unescape(match.Value.AsSpan(1, match.Length - 2), line) : match.Value);
        Advance(match.Length);
    }

    private void Balance(Stack<char> brackets, string symbol)
    {
        switch (symbol[0])
        {
            case '(' or '[' or '{':
                brackets.Push(symbol[0] == '(' ? ')' : (char)(symbol[0] + 2));
                break;
            case ')' or ']' or '}':
                if (!brackets.TryPop(out var expected) || expected != symbol[0])
                {
                    throw Fault($"unexpected '{symbol}'");
                }

                break;
        }
    }

    private void ReadTo(Regex pattern, string fault)
    {
        var match = pattern.Match(source, at);
        if (!match.Success)
        {
            throw Fault(fault);
        }

        Advance(match.Length);
        beginsLine = source[at - 1] == '\n';
    }

    private void Advance(int length)
    {
        if (length > 0)
        {
            line += source.AsSpan(at, length).Count('\n');
            at += length;
            beginsLine = false;
        }
    }

    private void Add(TokenKind kind, string value) => tokens.Add(new Token(kind, value, line));

    private JinjaSyntaxException Fault(string fault) => new(line, fault);

    [GeneratedRegex(@"\G\{#(?s:.*?)(?:\+#\}|-#\}\s*|#\}\n?)", RegexOptions.CultureInvariant)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\G\{%[-+]?\s*raw\s*(?:-%\}\s*|%\})", RegexOptions.CultureInvariant)]
    private static partial Regex RawBegin();

    [GeneratedRegex(@"\G((?s:.*?))\{%([-+]?)\s*endraw\s*(?:\+%\}|-%\}\s*|%\}\n?)", RegexOptions.CultureInvariant)]
    private static partial Regex RawEnd();

    [GeneratedRegex(@"\G(?:\+%\}|-%\}\s*|%\}\n?)", RegexOptions.CultureInvariant)]
    private static partial Regex BlockEnd();

    [GeneratedRegex(@"\G(?:-\}\}\s*|\}\})", RegexOptions.CultureInvariant)]
    private static partial Regex PrintEnd();

    [GeneratedRegex(@"\G\s+", RegexOptions.CultureInvariant)]
    private static partial Regex SpacesPattern();

    [GeneratedRegex(
        @"\G(?<!\.)[0-9]+(?:_[0-9]+)*(?:\.[0-9]+(?:_[0-9]+)*(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Float();

    [GeneratedRegex(@"\G(?:0[xX](?:_?[0-9a-fA-F])+|[1-9](?:_?[0-9])*|0(?:_?0)*)", RegexOptions.CultureInvariant)]
    private static partial Regex Integer();

    [GeneratedRegex(@"\G[\p{L}_][\p{L}\p{Nd}\p{Mn}\p{Pc}]*", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"\G(?s:'(?:[^'\\]|\\.)*'|""(?:[^""\\]|\\.)*"")", RegexOptions.CultureInvariant)]
    private static partial Regex Text();

    [GeneratedRegex(@"\G(?:\*\*|//|==|!=|>=|<=|[-+*/%~\[\](){}><=.:|,;])", RegexOptions.CultureInvariant)]
    private static partial Regex Operators();
}
