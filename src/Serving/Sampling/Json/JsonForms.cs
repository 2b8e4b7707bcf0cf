using System.Runtime.CompilerServices;
using System.Text;
using Orca.Model.Tokenization;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;

namespace Orca.Serving.Sampling.Json;

/// <summary>Makes what holds answers in one language to their forms. Safe to use from several threads.</summary>
internal sealed class JsonForms
{
    /// <summary>Everything outside of strings, and enough to write a string.</summary>
    private static readonly byte[] Needed = Encoding.ASCII.GetBytes("{}[]:,\"-.0123456789aeflnrstu");

    private static readonly ConditionalWeakTable<ITokenizer, JsonForms> OfTokenizers = [];

    private readonly VocabularyTrie vocabulary;
    private readonly MaskStore masks;

    private JsonForms(ITokenizer tokenizer)
    {
        vocabulary = new VocabularyTrie(tokenizer);
        masks = new MaskStore(vocabulary);
    }

    /// <summary>The forms in a language. Takes a moment where they are asked for first.</summary>
    public static JsonForms Of(ITokenizer tokenizer) => OfTokenizers.GetValue(tokenizer, language => new JsonForms(language));

    /// <summary>Says what is wrong with a form; null where nothing is.</summary>
    public static FieldFault? FaultOf(ResponseFormat format)
    {
        try
        {
            _ = format.Grammar;
            return null;
        }
        catch (JsonSchemaException fault)
        {
            return new FieldFault("json_schema", fault.Message);
        }
    }

    /// <summary>Throws where a language cannot write a form.</summary>
    /// <param name="format">The form, which has no fault.</param>
    /// <param name="language">The language.</param>
    /// <exception cref="GenerationException">The vocabulary lacks bytes that the form needs.</exception>
    public static void Check(ResponseFormat format, StudentLanguage language)
    {
        if (format.Grammar is { } grammar)
        {
            Of(language.Tokenizer).MasksOf(grammar);
        }
    }

    /// <summary>What holds one answer to a form, which has no fault; null for any text.</summary>
    public static ITokenConstraint? Start(ResponseFormat format, StudentLanguage language) =>
        format.Grammar is { } grammar ? new JsonConstraint(grammar, language) : null;

    /// <summary>The masks of a grammar.</summary>
    /// <exception cref="GenerationException">The vocabulary lacks bytes that the grammar needs.</exception>
    public JsonMasks MasksOf(JsonGrammar grammar)
    {
        var missing = Needed.Concat(grammar.NeededBytes()).Where(value => !vocabulary.HasToken(value)).Distinct().ToList();
        if (missing.Count > 0)
        {
            var names = string.Join(", ", missing.Select(value => $"0x{value:X2}"));
            throw GenerationException.Invalid(
                grammar == JsonGrammar.AnyObject ? "json_object" : "json_schema",
                $"needs the bytes {names}, which this student's vocabulary cannot write one by one");
        }

        return masks.Of(grammar);
    }
}
