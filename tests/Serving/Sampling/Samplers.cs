using System.Collections.Frozen;
using System.Collections.Immutable;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;
using Orca.Serving.Sampling;

namespace Orca.Serving.Tests.Sampling;

/// <summary>Samplers over vocabularies of any size.</summary>
internal static class Samplers
{
    /// <summary>A sampler of these options.</summary>
    public static TokenSampler Of(
        SamplingOptions sampling, int vocabulary, ulong seed = 42, int sample = 0, int[]? prompt = null, StoppingOptions? stopping = null,
        OutputOptions? output = null, int[]? ends = null, int? embedding = null, ResponseFormat? format = null)
    {
        var request = new GenerationRequest
        {
            Prompt = PromptInput.StartToken,
            Sampling = sampling,
            Stopping = stopping ?? new StoppingOptions(),
            Output = output ?? new OutputOptions(),
            Format = format ?? ResponseFormat.AnyText,
        };
        return new TokenSampler(
            request, seed, sample, Language(vocabulary, embedding, ends ?? []), LogitEdits.Of(sampling, [.. prompt ?? []]), 64);
    }

    /// <summary>Draws from a copy of the logits, which drawing spoils.</summary>
    public static int? Next(this TokenSampler sampler, float[] logits, int position) => sampler.Draw([.. logits], position)?.Token;

    /// <summary>How often each token was drawn at the first so many positions.</summary>
    public static int[] Count(this TokenSampler sampler, float[] logits, int draws)
    {
        var counts = new int[logits.Length];
        for (var position = 0; position < draws; position++)
        {
            counts[sampler.Next(logits, position)!.Value]++;
        }

        return counts;
    }

    /// <summary>Logits by chance, as spread as a student's.</summary>
    public static float[] RandomLogits(int vocabulary, int seed, double spread = 3)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, vocabulary).Select(_ => (float)(spread * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }

    private static StudentLanguage Language(int vocabulary, int? embedding, int[] ends)
    {
        var tokenizer = new Numbered(vocabulary);
        return new StudentLanguage("numbers", tokenizer, null!, ends.ToFrozenSet(), embedding ?? vocabulary);
    }

    private sealed class Numbered(int size) : ITokenizer
    {
        public int VocabularySize => size;

        public int? BosId => null;

        public int EosId => 0;

        public ImmutableArray<int> Encode(string text) => [];

        public ImmutableArray<int> EncodeMarked(string text, IReadOnlyList<TextSpan> literal) => [];

        public ImmutableArray<int> StartIds => [];

        public int? FindSpecial(string piece) => null;

        public string? NameOfSpecial(int id) => null;

        public string Decode(IEnumerable<int> ids) => string.Join(' ', ids);

        public ReadOnlySpan<byte> BytesOf(int id) => [];

        public StreamingDecoder StartDecoding() => throw new NotSupportedException();

        public void Save(string folder) => throw new NotSupportedException();
    }
}
