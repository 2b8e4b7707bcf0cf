using Orca.Model.Network;
using Orca.Streams.Curricula.Lessons;
using Orca.Tests.Shared;
using static TorchSharp.torch;

namespace Orca.Training.Tests.Reference;

/// <summary>
/// A LLaMA that learns, in plain loops over doubles, one lesson at a time and without packing, padding, masks or batches: the judge of the
/// trainer's losses and gradients. Written from the published definitions, apart from the code under test.
/// </summary>
internal sealed class PlainStudent
{
    private const string Embedding = "model.embed_tokens.weight";

    private readonly LlamaConfig config;
    private readonly Dictionary<string, PlainWeight> weights;

    /// <param name="config">The shape: no biases, windows or scaled positions.</param>
    /// <param name="weights">Its first weights by Hugging Face name, of any type; copied.</param>
    public PlainStudent(LlamaConfig config, IReadOnlyDictionary<string, Tensor> weights)
    {
        this.config = config;
        this.weights = weights.ToDictionary(pair => pair.Key, pair => new PlainWeight(
            pair.Key, (int)pair.Value.shape[^1], pair.Value.Doubles()));
    }

    public IReadOnlyCollection<PlainWeight> Weights => weights.Values;

    public PlainWeight Weight(string name) => weights[name];

    /// <summary>
    /// The mean cross-entropy over the answers' tokens of all lessons, each weighted by its lesson's weight; its gradient replaces the one
    /// in <see cref="Weights"/>.
    /// </summary>
    public double LossAndGradient(IReadOnlyList<Lesson> lessons)
    {
        foreach (var weight in Weights)
        {
            Array.Clear(weight.Gradient);
        }

        var all = lessons.Sum(lesson => (double)lesson.Weight * lesson.AnswerTokens.Length);
        return lessons.Sum(lesson => LossAndGradient(lesson, lesson.Weight / all));
    }

    /// <summary>
    /// That, and the weighted mean over the own tokens of lessons of practice of the divergence from what another student, of the same
    /// weights, says with the hinted prompt.
    /// </summary>
    /// <param name="lessons">Lessons of both kinds.</param>
    /// <param name="hinted">Who says what it would say with the hinted prompt; learns nothing.</param>
    /// <param name="top">How many tokens are compared one by one.</param>
    /// <param name="weight">Weight of practice in the gradient.</param>
    public (double Teaching, double Practice) LossAndGradient(
        IReadOnlyList<Lesson> lessons, PlainStudent hinted, int top, double weight)
    {
        var teaching = LossAndGradient([.. lessons.Where(lesson => !lesson.IsPractice)]);
        var practice = lessons.Where(lesson => lesson.IsPractice).ToList();
        var all = practice.Sum(lesson => (double)lesson.Weight * lesson.AnswerTokens.Length);
        return (teaching, practice.Sum(lesson => Practise(lesson, hinted, top, lesson.Weight / all, weight)));
    }

    private double Practise(Lesson lesson, PlainStudent hinted, int top, double share, double weight)
    {
        var wanted = hinted.Logits([.. lesson.HintedPromptTokens, .. lesson.AnswerTokens]).Rows[(lesson.HintedPromptTokens.Length - 1)..];
        var logits = Logits([.. lesson.PromptTokens, .. lesson.AnswerTokens]);
        var (loss, slope) = (0.0, logits.Rows.Select(row => new double[row.Length]).ToArray());
        for (var token = 0; token < lesson.AnswerTokens.Length; token++)
        {
            var at = lesson.PromptTokens.Length - 1 + token;
            var (one, its) = PlainDivergence.Of(wanted[token], logits.Rows[at], top);
            loss += share * one;
            slope[at] = [.. its.Select(value => weight * share * value)];
        }

        logits.Back(slope);
        return loss;
    }

    private double LossAndGradient(Lesson lesson, double share)
    {
        int[] tokens = [.. lesson.PromptTokens, .. lesson.AnswerTokens];
        var logits = Logits(tokens);
        var (loss, slope) = (0.0, logits.Rows.Select(row => new double[row.Length]).ToArray());
        for (var at = lesson.PromptTokens.Length; at < tokens.Length; at++)
        {
            var (one, its) = PlainCrossEntropy.Of(logits.Rows[at - 1], tokens[at]);
            loss += share * one;
            slope[at - 1] = [.. its.Select(value => share * value)];
        }

        logits.Back(slope);
        return loss;
    }

    private Differentiable Logits(int[] tokens)
    {
        var hidden = Embedded(tokens);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var prefix = $"model.layers.{layer}.";
            hidden = hidden.Then(
                new PlainBlock(name => weights[prefix + name], config.HeadDim, config.RmsNormEpsilon, config.RopeTheta).Of);
        }

        return hidden
            .Then(rows => PlainNorm.Of(rows, weights["model.norm.weight"], config.RmsNormEpsilon))
            .Then(rows => PlainLinear.Of(rows, weights[config.TiedEmbeddings ? Embedding : "lm_head.weight"]));
    }

    private Differentiable Embedded(int[] tokens)
    {
        var weight = weights[Embedding];
        return new Differentiable(
            [.. tokens.Select(token => weight.Values.AsSpan(token * weight.Columns, weight.Columns).ToArray())],
            slope =>
            {
                foreach (var (token, row) in tokens.Zip(slope))
                {
                    for (var i = 0; i < row.Length; i++)
                    {
                        weight.Gradient[(token * weight.Columns) + i] += row[i];
                    }
                }

                return [];
            });
    }
}
