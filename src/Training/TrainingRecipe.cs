using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orca.Training.Adapters;
using Orca.Training.Optimization;
using Orca.Training.Parameters;

namespace Orca.Training;

/// <summary>
/// What decides how weights are moved: the part of the options that a run keeps over all its starts. It lies in every checkpoint, so that
/// a start that would change it is noticed.
/// </summary>
public sealed record TrainingRecipe
{
    /// <summary>Adapters that are trained in place of the student's own weights; null: none.</summary>
    public LoraOptions? Lora { get; init; }

    /// <summary>What moves the matrices of the layers.</summary>
    public required OptimizerKind Optimizer { get; init; }

    /// <summary>The highest learning rate.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The highest learning rate of Muon's matrices.</summary>
    public required double MatrixLearningRate { get; init; }

    /// <summary>Decay of Muon's momentum.</summary>
    public required double Momentum { get; init; }

    /// <summary>AdamW's decay of the first moment.</summary>
    public required double Beta1 { get; init; }

    /// <summary>AdamW's decay of the second moment.</summary>
    public required double Beta2 { get; init; }

    /// <summary>Added to the root of AdamW's second moment.</summary>
    public required double Epsilon { get; init; }

    /// <summary>Decoupled decay of matrices.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>Weight of practice beside teaching; null in recipes from before there was practice.</summary>
    public double? PracticeWeight { get; init; }

    /// <summary>How many tokens practice compares one by one; null likewise.</summary>
    public int? PracticeTopTokens { get; init; }

    /// <summary>Largest norm of the whole gradient.</summary>
    public required double MaxGradientNorm { get; init; }

    /// <summary>What the forward and backward passes compute in.</summary>
    public required ComputeType Compute { get; init; }

    /// <summary>How weights are kept between steps.</summary>
    public WeightForm Weights { get; init; }

    /// <summary>How moments are kept between steps.</summary>
    public StateForm States { get; init; }

    /// <summary>What computes products; runs from before there was a choice had libtorch's.</summary>
    public ProductKernels Products { get; init; } = ProductKernels.Libtorch;

    /// <summary>Rows of one micro-batch.</summary>
    public required int BatchRows { get; init; }

    /// <summary>Tokens a row; null in recipes that do not say.</summary>
    public int? SequenceLength { get; init; }

    /// <summary>Micro-batches of one step.</summary>
    public required int MicroBatches { get; init; }

    /// <summary>Steps of linear warm-up.</summary>
    public required int WarmUpSteps { get; init; }

    /// <summary>How the rate falls over a bounded run.</summary>
    public required DecayShape Decay { get; init; }

    /// <summary>Share of the rate that is left at the end.</summary>
    public required double FinalLearningRateFraction { get; init; }

    /// <summary>Share of the run that <see cref="DecayShape.LinearTail"/> decays over.</summary>
    public required double DecayTailFraction { get; init; }

    /// <summary>The recipe of some options.</summary>
    public static TrainingRecipe Of(TrainerOptions options) => new()
    {
        Lora = options.Lora.IsOn ? options.Lora : null,
        Optimizer = options.Optimizer,
        LearningRate = options.Schedule.Peak,
        MatrixLearningRate = options.Muon.LearningRate,
        Momentum = options.Muon.Momentum,
        Beta1 = options.AdamW.Beta1,
        Beta2 = options.AdamW.Beta2,
        Epsilon = options.AdamW.Epsilon,
        WeightDecay = options.AdamW.WeightDecay,
        PracticeWeight = options.Practice.Weight,
        PracticeTopTokens = options.Practice.TopTokens,
        MaxGradientNorm = options.MaxGradientNorm,
        Compute = options.Compute,
        Weights = options.Weights,
        States = options.States,
        Products = ProductChoice.Of(options),
        BatchRows = options.BatchRows,
        SequenceLength = options.SequenceLength,
        MicroBatches = options.MicroBatches,
        WarmUpSteps = options.Schedule.WarmUpSteps,
        Decay = options.Schedule.Shape,
        FinalLearningRateFraction = options.Schedule.FinalFraction,
        DecayTailFraction = options.Schedule.TailFraction,
    };

    /// <summary>Each key that another recipe has otherwise, in a few words; what it does not say is no difference.</summary>
    public IReadOnlyList<string> DifferencesFrom(TrainingRecipe other) =>
    [
        .. typeof(TrainingRecipe).GetProperties().Where(property => property.Name != nameof(Lora))
            .Select(property => (property.Name, Mine: property.GetValue(this), Its: property.GetValue(other)))
            .Where(pair => pair.Its is not null && !Equals(pair.Mine, pair.Its))
            .Select(pair => string.Create(
                CultureInfo.InvariantCulture,
                $"training.{JsonNamingPolicy.CamelCase.ConvertName(pair.Name)} {pair.Mine} instead of {pair.Its}")),
    ];

    /// <summary>
    /// Refuses options that would change the recipe of a run that goes on, unless they say that they mean to; other adapters in any case,
    /// since these would begin with nothing learned.
    /// </summary>
    /// <param name="options">The options of this start.</param>
    /// <param name="folder">The checkpoint that the run goes on from, for the message.</param>
    /// <exception cref="TrainingException">They differ; the message says in what, and how to go on.</exception>
    public void RequireSame(TrainerOptions options, string folder)
    {
        if (AdapterDifferences(options.Lora, Lora ?? LoraOptions.None).ToList() is { Count: > 0 } adapters)
        {
            throw new TrainingException(
                $"This start would train with {string.Join(", ", adapters)}, which '{folder}' was trained with; a run keeps its adapters: "
                    + "give the same again to go on, or begin another run from that checkpoint (--student, and another --run).");
        }

        if (!options.ChangeRecipe && Of(options).DifferencesFrom(this) is { Count: > 0 } differences)
        {
            throw new TrainingException(
                $"This start would train with {string.Join(", ", differences)}, which '{folder}' was trained with; give the same again to "
                    + "go on, or training.changeRecipe=true to change it from here on.");
        }
    }

    private static IEnumerable<string> AdapterDifferences(LoraOptions mine, LoraOptions its)
    {
        (string Key, object Mine, object Its)[] values =
        [
            ("rank", mine.Rank, its.Rank), ("alpha", mine.Alpha, its.Alpha),
            ("targets", string.Join(',', mine.Targets), string.Join(',', its.Targets)),
        ];
        return from value in values.Take(mine.IsOn && its.IsOn ? values.Length : 1)
               where !value.Mine.Equals(value.Its)
               select string.Create(CultureInfo.InvariantCulture, $"training.lora.{value.Key} {value.Mine} instead of {value.Its}");
    }

    /// <summary>The recipe as UTF-8 JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, TrainingRecipeJson.Default.TrainingRecipe);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The bytes are no recipe.</exception>
    public static TrainingRecipe FromJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, TrainingRecipeJson.Default.TrainingRecipe) ?? throw new JsonException("the recipe is null");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(TrainingRecipe))]
internal sealed partial class TrainingRecipeJson : JsonSerializerContext;
