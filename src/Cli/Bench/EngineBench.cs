using System.Diagnostics;
using Orca.Model.Inference;

namespace Orca.Cli.Bench;

/// <summary>
/// Times a model's steps in process, without a server: each sequence's prompt by itself, then all sequences token by token.
/// Tokens are random, logits are computed and not drawn from.
/// </summary>
internal sealed class EngineBench(IInferenceModel model, EngineBenchPlan plan)
{
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(1);

    private readonly Random _random = new(1);
    private readonly float[] _logits = new float[(long)plan.Batches.Max() * model.Config.VocabularySize];

    private readonly List<double> _stepSeconds = [];

    /// <summary>Whether steps so far were stretched by another process that shares the processors.</summary>
    public bool IsSliced { get; private set; }

    /// <summary>Measures every batch size; each row is the median of its repetitions.</summary>
    /// <param name="readBytesPerSecond">
    /// Measures what this machine reads: before and after each decoding, since on a shared machine it changes from second to second.
    /// </param>
    /// <param name="productFlopsPerSecond">What it multiplies at most.</param>
    /// <param name="cancellationToken">Ends it between two steps.</param>
    public IEnumerable<EngineBenchRow> Run(
        Func<double> readBytesPerSecond, double productFlopsPerSecond, CancellationToken cancellationToken)
    {
        foreach (var batch in plan.Batches)
        {
            var context = plan.PromptTokens + plan.Steps;
            var blockTokens = model.BlockTokens(context);
            var blocks = (context + blockTokens - 1) / blockTokens;
            using var store = model.CreateStore(batch * blocks, blockTokens);
            var sequences = Enumerable.Range(0, batch).Select(s => Enumerable.Range(s * blocks, blocks).ToArray()).ToArray();
            WarmUp(store, sequences, cancellationToken);
            _stepSeconds.Clear();
            var passes = Enumerable.Range(0, plan.Repetitions)
                .Select(_ => Pass(store, sequences, plan.Steps, readBytesPerSecond, cancellationToken)).ToArray();
            var prefill = Percentiles.Of(passes.Select(pass => pass.PrefillSeconds))[50];
            var decode = Percentiles.Of(passes.Select(pass => pass.DecodeSeconds))[50];
            var share = Percentiles.Of(passes.Select(pass => plan.Steps * (double)model.StepBytes / pass.DecodeSeconds / pass.ReadBytesPerSecond))[50];
            IsSliced |= SliceDetector.IsSliced(_stepSeconds);
            yield return new EngineBenchRow
            {
                Shape = plan.Shape,
                Weights = plan.Weights,
                Batch = batch,
                PromptTokens = plan.PromptTokens,
                Steps = plan.Steps,
                PrefillTokensPerSecond = batch * plan.PromptTokens / prefill,
                DecodeTokensPerSecond = batch * plan.Steps / decode,
                PrefillGigaflops = batch * plan.PromptTokens * FlopsOfPromptToken() / prefill / 1e9,
                DecodeGigabytesPerSecond = plan.Steps * (double)model.StepBytes / decode / 1e9,
                ReadGigabytesPerSecond = plan.Steps * (double)model.StepBytes / decode / 1e9 / share,
                ProductGigaflops = productFlopsPerSecond / 1e9,
            };
        }
    }

    /// <summary>Multiply-adds count twice; of the output projection one row a prompt, and attention, are left out.</summary>
    private double FlopsOfPromptToken()
    {
        var config = model.Config;
        var attention = (2.0 * config.Heads) + (2.0 * config.KvHeads);
        return 2.0 * config.Layers * config.HiddenSize * ((attention * config.HeadDim) + (3.0 * config.IntermediateSize));
    }

    /// <summary>Once, and for as long as it takes the runtime to compile what runs often.</summary>
    private void WarmUp(IKeyValueStore store, int[][] sequences, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        do
        {
            Pass(store, sequences, Math.Min(plan.Steps, 4), () => double.NaN, cancellationToken);
        }
        while (Stopwatch.GetElapsedTime(started) < WarmUpTime);
    }

    private EnginePass Pass(
        IKeyValueStore store, int[][] sequences, int steps, Func<double> readBytesPerSecond, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        foreach (var blocks in sequences)
        {
            cancellationToken.ThrowIfCancellationRequested();
            model.Run(store, [new InferenceRow(Tokens(plan.PromptTokens), 0, blocks, LogitRows.Last)], _logits);
        }

        var prefill = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var readBefore = readBytesPerSecond();
        started = Stopwatch.GetTimestamp();
        for (var step = 0; step < steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = sequences.Select(blocks => new InferenceRow(Tokens(1), plan.PromptTokens + step, blocks, LogitRows.Last)).ToArray();
            var began = Stopwatch.GetTimestamp();
            model.Run(store, rows, _logits);
            _stepSeconds.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        var decode = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new EnginePass(prefill, decode, (readBefore + readBytesPerSecond()) / 2);
    }

    private int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(model.Config.VocabularySize))];
}

/// <summary>What is measured.</summary>
/// <param name="Shape">Name of the model or its shape.</param>
/// <param name="Weights">What its weights are kept in.</param>
/// <param name="Batches">Sequences side by side.</param>
/// <param name="PromptTokens">Tokens of each prompt.</param>
/// <param name="Steps">Tokens decoded after it.</param>
/// <param name="Repetitions">Passes, after one to warm up.</param>
internal sealed record EngineBenchPlan(string Shape, string Weights, int[] Batches, int PromptTokens, int Steps, int Repetitions);

/// <summary>One prefill and decode.</summary>
/// <param name="PrefillSeconds">Of all prompts.</param>
/// <param name="DecodeSeconds">Of all steps.</param>
/// <param name="ReadBytesPerSecond">What the machine read at that time.</param>
internal sealed record EnginePass(double PrefillSeconds, double DecodeSeconds, double ReadBytesPerSecond);
