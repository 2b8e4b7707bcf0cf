using System.Collections.Frozen;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;
using Orca.Serving.Sampling;
using Orca.Serving.Sampling.Json;
using Orca.Serving.Tests.Engine;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Sampling.Json;

public class MaskTests
{
    private static readonly VocabularyTrie Vocabulary = new(Bytes.Open());

    [Fact]
    public void A_string_of_100000_characters_takes_a_handful_of_masks()
    {
        var store = new MaskStore(Vocabulary);
        var masks = store.Of(JsonSchemaReader.Read("""{"type":"string","maxLength":100000}"""));
        var state = new JsonState(masks.Grammar);
        for (var i = 0; i < 100_000; i++)
        {
            masks.Make(state);
            Assert.True(state.TryAdvance((byte)(i == 0 ? '"' : 'a')));
        }

        masks.Make(state);
        var bytesOfMask = (sizeof(ulong) * ((Vocabulary.TokenCount + 63) / 64)) + MaskStore.EntryBytes;
        Assert.InRange(store.Bytes - masks.Grammar.Bytes, bytesOfMask, 12 * bytesOfMask);
    }

    [Fact]
    public void Masks_are_bounded_for_a_grammar_and_in_all_and_what_was_used_last_stays()
    {
        var bytesOfMask = (sizeof(ulong) * (long)((Vocabulary.TokenCount + 63) / 64)) + MaskStore.EntryBytes;
        var grammar = JsonSchemaReader.Read("""{"enum":["mine"]}""");
        var most = (40 * bytesOfMask) + (10 * grammar.Bytes);
        var store = new MaskStore(Vocabulary, maxBytes: most, maxBytesOfGrammar: 10 * bytesOfMask);
        var mine = store.Of(grammar);
        var start = new JsonState(mine.Grammar);
        var known = mine.Make(start);
        for (var i = 0; i < 1_000; i++)
        {
            var other = store.Of(JsonSchemaReader.Read($$"""{"const":"a long constant of its own {{i}}"}"""));
            var state = new JsonState(other.Grammar);
            foreach (var next in System.Text.Encoding.UTF8.GetBytes($"\"a long constant of its own {i}\""))
            {
                other.Make(state);
                Assert.True(state.TryAdvance(next));
            }

            Assert.InRange(store.Bytes, 0, most);
            Assert.Same(known, mine.Find(start));
        }

        Assert.Same(mine, store.Of(mine.Grammar));
    }

    [Fact]
    public void Equal_schemas_are_read_once_and_many_others_do_not_fill_the_memory_of_them()
    {
        var first = JsonGrammars.Of("""{"const":"first"}""");
        Assert.Same(first, JsonGrammars.Of("""{"const":"first"}"""));
        var padding = new string('x', 60_000);
        for (var i = 0; i < 200; i++)
        {
            _ = JsonGrammars.Of($$"""{"const":{{i}},"description":"{{padding}}"}""");
        }

        Assert.NotSame(first, JsonGrammars.Of("""{"const":"first"}"""));
    }

    [Fact]
    public void Who_waits_for_a_mask_is_told_when_it_is_there()
    {
        using var done = new ManualResetEventSlim();
        using var worker = new MaskWorker(done.Set);
        var tokenizer = Bytes.Open();
        var language = new StudentLanguage("bytes", tokenizer, null!, FrozenSet.Create(Bytes.End), tokenizer.VocabularySize);
        var constraint = JsonForms.Start(new ResponseFormat.JsonSchema("""{"const":1}"""), language)!;

        Assert.False(constraint.Prepare(worker));
        Assert.True(done.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.True(constraint.Prepare(worker));
        var logits = new float[tokenizer.VocabularySize];
        constraint.Mask(logits);
        Assert.Equal(0, logits['1']);
        Assert.Equal(float.NegativeInfinity, logits['2']);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(1_000, Explicit = true)]
    public async Task Hundreds_of_schemas_of_one_caller_change_nothing_in_anothers_answer(int schemas)
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Random(number, seed: 3));
        var mine = new GenerationRequest
        {
            Prompt = PromptInput.StartToken,
            Sampling = new SamplingOptions { Seed = 5 },
            Stopping = new StoppingOptions { MaxTokens = 60 },
            Format = new ResponseFormat.JsonSchema("""{"type":"array","items":{"type":"string","pattern":"^[a-z]{3,9}$"},"minItems":5}"""),
        };
        var alone = await fixture.Engine.GenerateAsync(mine);

        var flood = Parallel.ForEachAsync(
            Enumerable.Range(0, schemas), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, token) =>
            await fixture.Engine.GenerateAsync(EngineFixture.Greedy(PromptInput.StartToken, maxTokens: 4) with
            {
                Format = new ResponseFormat.JsonSchema($$"""{"type":"string","minLength":{{i}},"maxLength":{{100_000 + i}}}"""),
            }, token));
        do
        {
            Assert.Equal(alone.Text, (await fixture.Engine.GenerateAsync(mine)).Text);
        }
        while (!flood.IsCompleted);

        await flood;
    }
}
