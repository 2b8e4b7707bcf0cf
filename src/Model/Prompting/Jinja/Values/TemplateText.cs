using System.Collections.Immutable;
using Orca.Model.Tokenization;

namespace Orca.Model.Prompting.Jinja.Values;

/// <summary>
/// A text that knows which of its characters came from a conversation rather than from the template: those are literal, and
/// never become part of a special token. Every operation on texts keeps that knowledge.
/// </summary>
internal sealed class TemplateText
{
    /// <param name="value">The characters.</param>
    /// <param name="literal">Stretches that came from a conversation, in order, without overlap.</param>
    internal TemplateText(string value, ImmutableArray<TextSpan> literal) => (Value, Literal) = (value, literal);

    /// <summary>No characters.</summary>
    public static TemplateText Empty { get; } = new("", []);

    /// <summary>The characters.</summary>
    public string Value { get; }

    /// <summary>Stretches that came from a conversation, in order, without overlap.</summary>
    public ImmutableArray<TextSpan> Literal { get; }

    /// <summary>A text of the template's own.</summary>
    public static TemplateText OfTemplate(string value) => value.Length == 0 ? Empty : new(value, []);

    /// <summary>A text of a conversation.</summary>
    public static TemplateText OfConversation(string value) => value.Length == 0 ? Empty : new(value, [new TextSpan(0, value.Length)]);

    /// <summary>The parts of the text that are wholly literal or wholly not, in order.</summary>
    public IEnumerable<(TextSpan Span, bool IsLiteral)> Runs() => Runs(new TextSpan(0, Value.Length));

    /// <summary>The parts of a stretch that are wholly literal or wholly not, in order.</summary>
    public IEnumerable<(TextSpan Span, bool IsLiteral)> Runs(TextSpan within)
    {
        var at = within.Start;
        for (var i = FirstBehind(at); i < Literal.Length && Literal[i].Start < within.End; i++)
        {
            if (Literal[i].Start > at)
            {
                yield return (new TextSpan(at, Literal[i].Start - at), false);
                at = Literal[i].Start;
            }

            var end = Math.Min(Literal[i].End, within.End);
            yield return (new TextSpan(at, end - at), true);
            at = end;
        }

        if (at < within.End)
        {
            yield return (new TextSpan(at, within.End - at), false);
        }
    }

    /// <summary>A stretch of the text.</summary>
    public TemplateText Slice(int start, int length) => length == Value.Length
        ? this
        : new TemplateTextBuilder().Append(this, new TextSpan(start, length)).ToText();

    /// <summary>The text from an index to its end.</summary>
    public TemplateText Slice(int start) => Slice(start, Value.Length - start);

    /// <summary>Other characters, as many and in the same places.</summary>
    public TemplateText WithCharacters(string value) => new(value, Literal);

    /// <summary>Every run changed by itself, by a function that looks at no neighbours.</summary>
    public TemplateText Map(Func<string, string> change)
    {
        var builder = new TemplateTextBuilder();
        foreach (var (span, isLiteral) in Runs())
        {
            builder.Append(change(Value.Substring(span.Start, span.Length)), isLiteral);
        }

        return builder.ToText();
    }

    /// <summary>The two, one after the other.</summary>
    public TemplateText Concat(TemplateText other) => other.Value.Length == 0
        ? this
        : Value.Length == 0 ? other : new TemplateTextBuilder().Append(this).Append(other).ToText();

    /// <inheritdoc/>
    public override string ToString() => Value;

    // The first literal stretch that ends behind an index.
    private int FirstBehind(int index)
    {
        var (low, high) = (0, Literal.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Literal[middle].End <= index ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
