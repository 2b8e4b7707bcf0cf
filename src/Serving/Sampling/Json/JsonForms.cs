using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Orca.Model.Tokenization;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;

namespace Orca.Serving.Sampling.Json;

/// <summary>Makes what holds an answer to its form. Safe to use from several threads.</summary>
internal sealed class JsonForms
{
    private const int MaxKept = 64;

    /// <summary>Everything outside of strings, and enough to write a string.</summary>
    private static readonly byte[] Needed = Encoding.ASCII.GetBytes("{}[]:,\"-.0123456789aeflnrstu");

    private static readonly ConditionalWeakTable<ITokenizer, JsonForms> OfTokenizers = [];

    private readonly ConcurrentDictionary<ResponseFormat, JsonMasks> kept = new();
    private readonly VocabularyTrie vocabulary;

    private JsonForms(VocabularyTrie vocabulary) => this.vocabulary = vocabulary;

    /// <summary>Says what is wrong with a form; null where nothing is.</summary>
    public static FieldFault? FaultOf(ResponseFormat format)
    {
        try
        {
            _ = ShapeOf(format);
            return null;
        }
        catch (JsonSchemaException fault)
        {
            return new FieldFault("json_schema", fault.Message);
        }
    }

    /// <summary>What holds one answer to a form; null for any text.</summary>
    /// <exception cref="GenerationException">The student's vocabulary cannot write it.</exception>
    public static ITokenConstraint? Start(ResponseFormat format, StudentLanguage language) => format is ResponseFormat.Text
        ? null
        : new JsonConstraint(OfTokenizers.GetValue(language.Tokenizer, tokenizer => new JsonForms(new VocabularyTrie(tokenizer))).MasksOf(format), language);

    private static JsonShape ShapeOf(ResponseFormat format) => format switch
    {
        ResponseFormat.JsonSchema schema => JsonSchemaReader.Read(schema.Schema),
        _ => JsonShape.AnyObject,
    };

    private JsonMasks MasksOf(ResponseFormat format)
    {
        if (kept.TryGetValue(format, out var known))
        {
            return known;
        }

        var grammar = new JsonGrammar(ShapeOf(format));
        var missing = Needed.Concat(grammar.LiteralBytes()).Where(value => !vocabulary.HasToken(value)).Distinct().ToList();
        if (missing.Count > 0)
        {
            var names = string.Join(", ", missing.Select(value => $"0x{value:X2}"));
            throw GenerationException.Invalid(format is ResponseFormat.Json ? "json_object" : "json_schema", $"needs the bytes {names}, which this student's vocabulary cannot write one by one");
        }

        var masks = new JsonMasks(grammar, vocabulary);
        if (kept.Count < MaxKept)
        {
            kept.TryAdd(format, masks);
        }

        return masks;
    }
}
