using System.Globalization;
using Orca.Serving.Sampling.Json;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Sampling.Json;

/// <summary>What grammars say that they take is what they take: it bounds how many of them are kept.</summary>
[Collection(nameof(Alone))]
public class GrammarMemoryTests
{
    [Theory]
    [InlineData("""{"const":NUMBER}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"bNUMBER":{"type":"string"}},"required":["a"]}""")]
    [InlineData("""{"type":"string","pattern":"^xNUMBER[a-z]{1,600}$"}""", 40)]
    [InlineData("""{"type":"integer","minimum":NUMBER,"maximum":1234567}""")]
    [InlineData("""{"enum":["aNUMBER","a longer text of its own NUMBER","NUMBER of them, and some more characters"]}""")]
    [InlineData("""{"type":"array","items":{"anyOf":[{"const":NUMBER},{"type":"null"},{"type":"boolean"}]},"maxItems":3}""")]
    public void A_grammar_takes_about_the_bytes_it_says(string schema, int count = 200)
    {
        var said = 0L;

        var taken = ManagedMemory.TakenBy(() =>
        {
            var grammars = Enumerable.Range(1, count)
                .Select(number => JsonSchemaReader.Read(schema.Replace(
                    "NUMBER", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)))
                .ToList();
            said = grammars.Sum(grammar => grammar.Bytes);
            return grammars;
        });

        Assert.InRange((double)said / taken, 0.7, 2);
    }

    [Fact]
    public void However_many_schemas_come_their_grammars_stay_within_their_bound()
    {
        var padding = new string('x', 4_000);
        var before = ManagedMemory.Settled();
        for (var i = 0; i < 20_000; i++)
        {
            _ = JsonGrammars.Of($$"""{"const":{{i}}{{(i % 4 == 0 ? $",\"description\":\"{padding}\"" : "")}}}""");
        }

        Assert.InRange(ManagedMemory.Settled() - before, -long.MaxValue, 3 * JsonGrammars.MostBytes / 2);
    }

    [Fact]
    public void Grammars_count_among_the_bytes_of_their_masks()
    {
        const long most = 1 << 20;
        var store = new MaskStore(new VocabularyTrie(Bytes.Open()), maxBytes: most);
        for (var i = 0; i < 100; i++)
        {
            var masks = store.Of(JsonSchemaReader.Read($$"""{"type":"string","pattern":"^x{{i}}[a-z]{1,600}$"}"""));
            masks.Make(new JsonState(masks.Grammar));
            Assert.InRange(store.Bytes, masks.Grammar.Bytes, most);
        }
    }
}
