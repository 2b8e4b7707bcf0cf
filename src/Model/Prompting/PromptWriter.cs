using System.Collections.Immutable;
using System.Text;
using Orca.Model.Tokenization;

namespace Orca.Model.Prompting;

/// <summary>Puts the ids of one prompt together: special tokens as ids, all text between two of them encoded at once.</summary>
internal sealed class PromptWriter(ITokenizer tokenizer)
{
    private readonly ImmutableArray<int>.Builder ids = ImmutableArray.CreateBuilder<int>();
    private readonly StringBuilder text = new();

    /// <summary>The id of a special token.</summary>
    /// <exception cref="ModelFormatException">The tokenizer has none of this name.</exception>
    public static int IdOf(ITokenizer tokenizer, string piece) => tokenizer.FindSpecial(piece)
        ?? throw new ModelFormatException($"The prompt template uses the special token '{piece}', which the tokenizer does not have; "
            + $"give the model the {PromptTemplate.FileName} it was trained with.");

    /// <summary>Adds what the tokenizer's own rules put before a text.</summary>
    public void AddStart() => ids.AddRange(tokenizer.StartIds);

    /// <summary>Adds a section around its message.</summary>
    public void Add(ImmutableArray<TemplatePart> section, string message)
    {
        foreach (var part in section)
        {
            if (part.Kind == TemplatePartKind.Special)
            {
                EndText();
                ids.Add(IdOf(tokenizer, part.Value));
            }
            else
            {
                text.Append(part.Kind == TemplatePartKind.Message ? message : part.Value);
            }
        }
    }

    /// <summary>Adds ids as they are.</summary>
    public void AddIds(ImmutableArray<int> given)
    {
        EndText();
        ids.AddRange(given);
    }

    /// <summary>All ids.</summary>
    public ImmutableArray<int> ToIds()
    {
        EndText();
        return ids.DrainToImmutable();
    }

    private void EndText()
    {
        ids.AddRange(tokenizer.Encode(text.ToString()));
        text.Clear();
    }
}
