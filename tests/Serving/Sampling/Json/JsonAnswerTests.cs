using System.Collections.Frozen;
using System.Text.Json;
using Orca.Model.Tokenization;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Requests;
using Orca.Serving.Sampling;
using Orca.Serving.Tests.Engine;
using Orca.Serving.Tests.Students;
using Orca.Tests.Shared;

namespace Orca.Serving.Tests.Sampling.Json;

public class JsonAnswerTests
{
    [Fact]
    public void Whatever_a_student_of_bytes_would_say_its_answer_parses_and_fits_its_schema() =>
        AnswersFit(Bytes.Open(), Bytes.End, rounds: 150);

    [Theory]
    [InlineData("tokenizers/llama/tokenizer.model")]
    [InlineData("tokenizers/gpt2_hf/tokenizer.json")]
    public void Whatever_a_student_with_a_real_vocabulary_would_say_its_answer_parses_and_fits_its_schema(string path)
    {
        var tokenizer = TokenizerFolder.OpenFile(SharedData.Require(path));
        AnswersFit(tokenizer, tokenizer.EosId, rounds: 25);
    }

    [Fact]
    public async Task An_answer_of_a_form_ends_where_it_is_complete_even_where_the_student_would_not_end()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Random(number, seed: 3));
        var request = new GenerationRequest
        {
            Prompt = PromptInput.StartToken,
            Sampling = new SamplingOptions { Seed = 1 },
            Stopping = new StoppingOptions { IgnoreEos = true, MinTokens = 100 },
            Format = new ResponseFormat.JsonSchema("""{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"]}"""),
        };

        var generation = await fixture.Engine.GenerateAsync(request);

        Assert.Equal(EndReason.EndOfText, generation.End.Reason);
        Assert.Contains(Schemas.Parse(generation.Text).GetProperty("ok").ValueKind, new[] { JsonValueKind.True, JsonValueKind.False });
    }

    [Fact]
    public async Task An_answer_cut_by_its_token_limit_says_so()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Random(number, seed: 3));
        var request = EngineFixture.Greedy(PromptInput.StartToken, maxTokens: 3) with
        {
            Format = new ResponseFormat.JsonSchema("""{"const":"abcdefgh"}"""),
        };

        var generation = await fixture.Engine.GenerateAsync(request);

        Assert.Equal((EndReason.Length, 3), (generation.End.Reason, generation.Tokens.Length));
        Assert.StartsWith(generation.Text.TrimStart(), "\"abcdefgh\"");
    }

    [Fact]
    public async Task Samples_beside_each_other_each_keep_their_own_place_in_the_form()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Random(number, seed: 3));
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => fixture.Engine.GenerateAsync(new GenerationRequest
        {
            Prompt = PromptInput.StartToken,
            Sampling = new SamplingOptions { Seed = (ulong)seed },
            Format = new ResponseFormat.JsonSchema("""{"type":"array","items":{"type":["integer","null"]},"minItems":2,"maxItems":4}"""),
        })));

        Assert.All(answers, answer => Assert.InRange(Schemas.Parse(answer.Text).GetArrayLength(), 2, 4));
    }

    [Fact]
    public async Task A_schema_that_cannot_be_kept_is_refused_by_name()
    {
        await using var fixture = new EngineFixture();
        await fixture.InstallAsync(number => ToyStudent.Random(number, seed: 3));
        var request = EngineFixture.Greedy(PromptInput.StartToken) with
        {
            Format = new ResponseFormat.JsonSchema("""{"type":"array","uniqueItems":true}"""),
        };

        var refusal = await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.GenerateAsync(request));

        Assert.Equal("json_schema", Assert.Single(refusal.Fields).Field);
        Assert.Contains("uses uniqueItems at #", refusal.Message);
    }

    /// <summary>
    /// Logits by chance for each token, with the ends of strings, objects and arrays made likelier, since chance alone would seldom
    /// end one; every fourth schema stands as it is, and must then be cut only by the limit.
    /// </summary>
    private static void AnswersFit(ITokenizer tokenizer, int end, int rounds)
    {
        const int limit = 400;
        var language = new StudentLanguage("test", tokenizer, null!, FrozenSet.Create(end), tokenizer.VocabularySize);
        var (complete, logits) = (0, new float[tokenizer.VocabularySize]);
        for (var round = 0; round < rounds; round++)
        {
            var random = new Random(round);
            var schema = Schemas.Random(random);
            var request = new GenerationRequest
            {
                Prompt = PromptInput.StartToken,
                Sampling = new SamplingOptions { Temperature = 1.5f },
                Format = round % 10 == 9 ? ResponseFormat.AnyJson : new ResponseFormat.JsonSchema(schema),
            };
            var sampler = new TokenSampler(request, (ulong)round, 0, language, LogitEdits.Of(request.Sampling, []), limit);
            var answer = new List<int>();
            while (answer.Count < limit && !sampler.IsComplete)
            {
                Fill(logits, tokenizer, random);
                var token = sampler.Draw(logits, answer.Count)!.Value.Token;
                if (token == end)
                {
                    break;
                }

                sampler.Accept(token);
                answer.Add(token);
            }

            if (answer.Count < limit)
            {
                complete++;
                var value = Schemas.Parse(tokenizer.Decode(answer));
                var isFit = round % 10 == 9 ? value.ValueKind == JsonValueKind.Object : SlowValidator.Fits(value, Schemas.Parse(schema));
                Assert.True(isFit, $"{schema} does not describe {value.GetRawText()}");
            }
        }

        Assert.True(complete > rounds / 2, $"{complete} of {rounds} answers came to their end");
    }

    private static void Fill(float[] logits, ITokenizer tokenizer, Random random)
    {
        for (var id = 0; id < logits.Length; id++)
        {
            var closes = tokenizer.BytesOf(id) is [(byte)'"' or (byte)'}' or (byte)']' or (byte)','];
            logits[id] = (float)(random.NextDouble() * 8) + (closes ? 8 : 0);
        }
    }
}
