using System.Collections.Immutable;
using Orca.Model.Tokenization;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Requests;
using Orca.Serving.Tests.Students;

namespace Orca.Serving.Tests.Engine;

/// <summary>
/// A prompt is read once, after all that can be known without reading it, and whoever sends long ones waits for them alone.
/// </summary>
[Collection(nameof(Alone))]
public class PromptEncodingTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_prompt_is_encoded_once_whichever_way_it_goes()
    {
        var tokenizer = new Counting();
        await using var fixture = await FixtureAsync(tokenizer);
        var request = EngineFixture.Greedy(new PromptInput.PlainText("xyz"), 4);

        await fixture.Engine.GenerateAsync(request, Cancel);
        Assert.Equal(1, tokenizer.Encoded);

        var known = await fixture.Engine.CheckAsync(request, Cancel);
        Assert.Equal((2, tokenizer.StartIds.Length + 3), (tokenizer.Encoded, known.Encoded!.Tokens.Length));
        await fixture.Engine.GenerateAsync(known, Cancel);
        Assert.Equal(2, tokenizer.Encoded);

        var score = new ScoreRequest { Prompt = new PromptInput.PlainText("xy"), Target = new ScoreTarget.Text("z"), Versions = [1, 1] };
        Assert.All(
            await fixture.Engine.ScoreAsync(score, Cancel),
            one => Assert.Equal((tokenizer.StartIds.Length + 2, 1), (one.PromptTokens, one.Logprobs.Length)));
        Assert.Equal(4, tokenizer.Encoded);
    }

    [Fact]
    public async Task A_text_that_cannot_fit_the_context_is_refused_unread()
    {
        var tokenizer = new Counting();
        await using var fixture = await FixtureAsync(tokenizer);
        var word = new string('x', 4 << 20);
        PromptInput[] prompts = [new PromptInput.PlainText(word), new PromptInput.Chat(word, "?"),
            new PromptInput.Scored(PromptInput.StartToken, new ScoreTarget.Text(word))];
        foreach (var prompt in prompts)
        {
            var before = GC.GetTotalAllocatedBytes();
            var refusal = await Assert.ThrowsAsync<GenerationException>(() => fixture.Engine.GenerateAsync(
                EngineFixture.Greedy(prompt), Cancel));
            Assert.Equal("input", Assert.Single(refusal.Fields).Field);
            Assert.Contains("the context holds 256 tokens", refusal.Message);
            Assert.True(GC.GetTotalAllocatedBytes() - before < 8 << 20);
        }

        Assert.Equal(0, tokenizer.Encoded);
    }

    [Fact]
    public async Task Where_the_queue_is_full_no_prompt_is_read()
    {
        var tokenizer = new Counting();
        await using var fixture = await FixtureAsync(tokenizer, new EngineOptions { MaxQueuedRequests = 1 });
        fixture.Engine.Pause();
        var first = fixture.Engine.GenerateAsync(EngineFixture.Greedy(new PromptInput.PlainText("x"), 1), Cancel);
        var refusal = await Assert.ThrowsAsync<GenerationException>(
            () => fixture.Engine.GenerateAsync(EngineFixture.Greedy(new PromptInput.PlainText("y"), 1), Cancel));
        Assert.Equal((Failure.QueueFull, 1), (refusal.Failure, tokenizer.Encoded));
        fixture.Engine.Resume();
        await first;
    }

    [Fact]
    public async Task One_callers_long_texts_wait_for_each_other_and_not_the_others_for_them()
    {
        var encoder = new PromptEncoder();
        using var go = new SemaphoreSlim(0);
        var done = new List<string>();
        const long half = PromptEncoder.MaxWaitingCharacters / 2;
        var flood = new[] { half, half }.Select((size, i) => Long(size, "flood", $"flood {i}")).ToList();
        await Assert.ThrowsAsync<GenerationException>(() => Long(half, "flood", "too many"));
        var other = Long(half, "other", "other");
        Assert.Equal("short", await encoder.EncodeAsync(PromptEncoder.ShortCharacters, "third", () => "short", Cancel));

        go.Release(3);
        await Task.WhenAll([.. flood, other]);
        Assert.Equal(["flood 0", "other", "flood 1"], done);
        Assert.Equal("after", await encoder.EncodeAsync(long.MaxValue, "flood", () => "after", Cancel));

        Task<string> Long(long size, string caller, string name) => encoder.EncodeAsync(
            size, caller, () =>
            {
                go.Wait();
                done.Add(name);
                return name;
            },
            Cancel).AsTask();
    }

    [Fact]
    public async Task A_caller_that_leaves_while_its_text_waits_leaves_nothing_behind()
    {
        var encoder = new PromptEncoder();
        using var go = new SemaphoreSlim(0);
        using var leave = new CancellationTokenSource();
        var running = encoder.EncodeAsync(PromptEncoder.MaxWaitingCharacters, "a", () => go.Wait(0) || WaitFor(go), Cancel).AsTask();
        var waiting = encoder.EncodeAsync(PromptEncoder.MaxWaitingCharacters, "b", () => true, leave.Token).AsTask();
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        go.Release();
        Assert.True(await running);
        Assert.True(await encoder.EncodeAsync(PromptEncoder.MaxWaitingCharacters, "b", () => true, Cancel));
    }

    private static bool WaitFor(SemaphoreSlim signal)
    {
        signal.Wait();
        return true;
    }

    private static async Task<EngineFixture> FixtureAsync(ITokenizer tokenizer, EngineOptions? options = null)
    {
        var fixture = new EngineFixture(options);
        var (config, weights) = ToyStudent.Spelling("abc");
        await fixture.InstallAsync(number => ToyStudent.Version(
            number, config, weights, ToyStudent.LanguageOf(Bytes.VocabularySize) with { Tokenizer = tokenizer }));
        return fixture;
    }

    /// <summary>The byte vocabulary, which counts what it is asked to read.</summary>
    private sealed class Counting : ITokenizer
    {
        private readonly ITokenizer bytes = Bytes.Open();

        public int Encoded { get; private set; }

        public int VocabularySize => bytes.VocabularySize;

        public int? BosId => bytes.BosId;

        public int EosId => bytes.EosId;

        public ImmutableArray<int> Encode(string text)
        {
            Encoded++;
            return bytes.Encode(text);
        }

        public ImmutableArray<int> EncodeMarked(string text, IReadOnlyList<TextSpan> literal)
        {
            Encoded++;
            return bytes.EncodeMarked(text, literal);
        }

        public ImmutableArray<int> StartIds => bytes.StartIds;

        public int? FindSpecial(string piece) => bytes.FindSpecial(piece);

        public string? NameOfSpecial(int id) => bytes.NameOfSpecial(id);

        public string Decode(IEnumerable<int> ids) => bytes.Decode(ids);

        public ReadOnlySpan<byte> BytesOf(int id) => bytes.BytesOf(id);

        public StreamingDecoder StartDecoding() => bytes.StartDecoding();

        public void Save(string folder) => bytes.Save(folder);
    }
}
