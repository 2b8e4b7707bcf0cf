namespace Orca.Model.Prompting.Jinja.Syntax;

/// <summary>What a token of a template is.</summary>
internal enum TokenKind
{
    /// <summary>Text outside all tags.</summary>
    Data,

    /// <summary><c>{{</c>.</summary>
    PrintBegin,

    /// <summary><c>}}</c>.</summary>
    PrintEnd,

    /// <summary><c>{%</c>.</summary>
    BlockBegin,

    /// <summary><c>%}</c>.</summary>
    BlockEnd,

    /// <summary>A name or a word of the language.</summary>
    Name,

    /// <summary>A text between quotes; the value is what it means.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number with a point or an exponent.</summary>
    Float,

    /// <summary>An operator, bracket or separator.</summary>
    Operator,

    /// <summary>The template's end.</summary>
    End,
}

/// <summary>One token of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">Its characters, or what they mean.</param>
/// <param name="Line">Line of the template, from 1.</param>
internal readonly record struct Token(TokenKind Kind, string Value, int Line)
{
    /// <summary>Whether it is this name or word.</summary>
    public bool IsName(string name) => Kind == TokenKind.Name && Value == name;

    /// <summary>Whether it is this operator.</summary>
    public bool IsOperator(string symbol) => Kind == TokenKind.Operator && Value == symbol;

    /// <summary>How an error text names it.</summary>
    public string Shown => Kind switch
    {
        TokenKind.End => "the template's end",
        TokenKind.BlockEnd => "'%}'",
        TokenKind.PrintEnd => "'}}'",
        _ => $"'{Value}'",
    };
}
