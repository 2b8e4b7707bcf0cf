using System.Collections.Immutable;
using System.Text;
using Orca.Model.Tokenization;

namespace Orca.Model.Prompting.Jinja.Values;

/// <summary>Puts a text together and keeps account of what in it is literal.</summary>
internal sealed class TemplateTextBuilder
{
    private readonly StringBuilder text = new();
    private readonly ImmutableArray<TextSpan>.Builder literal = ImmutableArray.CreateBuilder<TextSpan>();

    /// <summary>Characters so far.</summary>
    public int Length => text.Length;

    /// <summary>Adds a text.</summary>
    public TemplateTextBuilder Append(TemplateText more)
    {
        foreach (var span in more.Literal)
        {
            Mark(text.Length + span.Start, span.Length);
        }

        text.Append(more.Value);
        return this;
    }

    /// <summary>Adds a stretch of a text.</summary>
    public TemplateTextBuilder Append(TemplateText more, TextSpan within)
    {
        foreach (var (span, isLiteral) in more.Runs(within))
        {
            Append(more.Value.AsSpan(span.Start, span.Length), isLiteral);
        }

        return this;
    }

    /// <summary>Adds characters.</summary>
    public TemplateTextBuilder Append(ReadOnlySpan<char> more, bool isLiteral = false)
    {
        if (isLiteral)
        {
            Mark(text.Length, more.Length);
        }

        text.Append(more);
        return this;
    }

    /// <summary>The text.</summary>
    public TemplateText ToText() => text.Length == 0 ? TemplateText.Empty : new TemplateText(text.ToString(), literal.ToImmutable());

    private void Mark(int start, int length)
    {
        if (length == 0)
        {
            return;
        }

        if (literal.Count > 0 && literal[^1].End == start)
        {
            literal[^1] = literal[^1] with { Length = literal[^1].Length + length };
        }
        else
        {
            literal.Add(new TextSpan(start, length));
        }
    }
}
