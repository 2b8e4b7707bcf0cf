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
    /// <param name="readBytesPerSecond">Measures what this machine reads: before and after each batch size, of which the better counts.</param>
    /// <param name="productFlopsPerSecond">What it multiplies at most.</param>
    /// <param name="cancellationToken">Ends it between two steps.</param>
    public IEnumerable<EngineBenchRow> Run(Func<double> readBytesPerSecond, double productFlopsPerSecond, CancellationToken cancellationToken)
    {
        var readBefore = readBytesPerSecond();
        foreach (var batch in plan.Batches)
        {
            var context = plan.PromptTokens + plan.Steps;
            var blockTokens = model.BlockTokens(context);
            var blocks = (context + blockTokens - 1) / blockTokens;
            using var store = model.CreateStore(batch * blocks, blockTokens);
            var sequences = Enumerable.Range(0, batch).Select(s => Enumerable.Range(s * blocks, blocks).ToArray()).ToArray();
            WarmUp(store, sequences, cancellationToken);
            _stepSeconds.Clear();
            var passes = Enumerable.Range(0, plan.Repetitions).Select(_ => Pass(store, sequences, plan.Steps, cancellationToken)).ToArray();
            var prefill = Percentiles.Of(passes.Select(pass => pass.Prefill))[50];
            var decode = Percentiles.Of(passes.Select(pass => pass.Decode))[50];
            IsSliced |= SliceDetector.IsSliced(_stepSeconds);
            var readAfter = readBytesPerSecond();
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
                ReadGigabytesPerSecond = Math.Max(readBefore, readAfter) / 1e9,
                ProductGigaflops = productFlopsPerSecond / 1e9,
            };
            readBefore = readAfter;
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
            Pass(store, sequences, Math.Min(plan.Steps, 4), cancellationToken);
        }
        while (Stopwatch.GetElapsedTime(started) < WarmUpTime);
    }

    private (double Prefill, double Decode) Pass(IKeyValueStore store, int[][] sequences, int steps, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        foreach (var blocks in sequences)
        {
            cancellationToken.ThrowIfCancellationRequested();
            model.Run(store, [new InferenceRow(Tokens(plan.PromptTokens), 0, blocks, LogitRows.Last)], _logits);
        }

        var prefilled = Stopwatch.GetTimestamp();
        for (var step = 0; step < steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = sequences.Select(blocks => new InferenceRow(Tokens(1), plan.PromptTokens + step, blocks, LogitRows.Last)).ToArray();
            var began = Stopwatch.GetTimestamp();
            model.Run(store, rows, _logits);
            _stepSeconds.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        return (Stopwatch.GetElapsedTime(started, prefilled).TotalSeconds, Stopwatch.GetElapsedTime(prefilled).TotalSeconds);
    }

    private int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(300, 30_000))];
}

/// <summary>What is measured.</summary>
/// <param name="Shape">Name of the model or its shape.</param>
/// <param name="Weights">What its weights are kept in.</param>
/// <param name="Batches">Sequences side by side.</param>
/// <param name="PromptTokens">Tokens of each prompt.</param>
/// <param name="Steps">Tokens decoded after it.</param>
/// <param name="Repetitions">Passes, after one to warm up.</param>
internal sealed record EngineBenchPlan(string Shape, string Weights, int[] Batches, int PromptTokens, int Steps, int Repetitions);
