using System.Collections.Frozen;
using BenchmarkDotNet.Attributes;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;
using Orca.Serving.Sampling;

namespace Orca.Serving.Benchmarks;

/// <summary>
/// One draw over 32,000 logits, spread as a student's are. Drawing spoils the logits, so each includes a copy of them, which
/// <see cref="CopyOfTheLogits"/> times alone.
/// </summary>
[InProcess]
[MemoryDiagnoser]
public class TokenSamplerBenchmarks
{
    private const int Vocabulary = 32_000;

    private static readonly Dictionary<string, (SamplingOptions Sampling, OutputOptions Output, ResponseFormat Format)> Ways = new()
    {
        ["greedy"] = (SamplingOptions.Greedy, new(), ResponseFormat.AnyText),
        ["temperature"] = (new(), new(), ResponseFormat.AnyText),
        ["top-k 40"] = (new() { TopK = 40 }, new(), ResponseFormat.AnyText),
        ["top-k 1000, top-p 0.9"] = (new() { TopK = 1_000, TopP = 0.9f }, new(), ResponseFormat.AnyText),
        ["top-p 0.95"] = (new() { TopP = 0.95f }, new(), ResponseFormat.AnyText),
        ["min-p 0.05"] = (new() { MinP = 0.05f }, new(), ResponseFormat.AnyText),
        ["all penalties"] = (new() { RepetitionPenalty = 1.1f, FrequencyPenalty = 0.1f, PresencePenalty = 0.1f }, new(), ResponseFormat.AnyText),
        ["20 logprobs, greedy"] = (SamplingOptions.Greedy, new() { Logprobs = true, TopLogprobs = 20 }, ResponseFormat.AnyText),
        ["json, greedy"] = (SamplingOptions.Greedy, new(), ResponseFormat.AnyJson),
    };

    private readonly float[] logits = new float[Vocabulary];
    private readonly float[] spoilt = new float[Vocabulary];
    private TokenSampler sampler = null!;
    private int position;

    /// <summary>The ways of drawing.</summary>
    public static IEnumerable<string> Names => Ways.Keys;

    /// <summary>How it draws.</summary>
    [ParamsSource(nameof(Names))]
    public string Way { get; set; } = "";

    /// <summary>Makes the logits and the sampler, and draws once.</summary>
    [GlobalSetup]
    public void Begin()
    {
        var random = new Random(1);
        for (var i = 0; i < Vocabulary; i++)
        {
            logits[i] = (float)(3 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        var (sampling, output, format) = Ways[Way];
        var request = new GenerationRequest { Prompt = PromptInput.StartToken, Sampling = sampling, Output = output, Format = format };
        var language = new StudentLanguage("benchmark", new NumberedTokenizer(Vocabulary), null!, FrozenSet<int>.Empty, Vocabulary);
        sampler = new TokenSampler(request, 42, 0, language, LogitEdits.Of(sampling, [.. Enumerable.Range(0, 500)]), 500);
        _ = Draw();
    }

    /// <summary>One draw.</summary>
    [Benchmark]
    public int Draw()
    {
        logits.CopyTo(spoilt, 0);
        return sampler.Draw(spoilt, position++)!.Value.Token;
    }

    /// <summary>What each draw includes.</summary>
    [Benchmark]
    public void CopyOfTheLogits() => logits.CopyTo(spoilt, 0);
}
