using System.Collections.Immutable;
using Orca.Cli.Configuration;
using Orca.Training;
using Orca.Training.Activations;
using Orca.Training.Adapters;
using Orca.Training.Optimization;
using Orca.Training.Parameters;
using Orca.Training.Practice;

namespace Orca.Cli.Tests.Configuration;

public sealed class TrainingSettingsTests
{
    // Of the embedded student.
    private const int Positions = 512;

    // What a run's settings decide, or a setting gives in another form.
    private static readonly string[] Elsewhere = ["Device", "Seed", "MaxSteps", "MaxDuration", "PublishEvery"];

    // Set by settings of other names, which another test gives.
    private static readonly string[] Parts =
    [
        nameof(TrainerOptions.Schedule), nameof(TrainerOptions.AdamW), nameof(TrainerOptions.Muon),
        nameof(TrainerOptions.Practice),
    ];

    [Fact]
    public void Every_option_of_the_schedule_and_of_the_optimizers_can_be_set()
    {
        var options = new TrainingSettings
        {
            LearningRate = 0.5,
            WarmUpSteps = 7,
            Decay = DecayShape.LinearTail,
            FinalLearningRateFraction = 0.3,
            DecayTailFraction = 0.4,
            MatrixLearningRate = 0.6,
            Momentum = 0.7,
            WeightDecay = 0.8,
            Beta1 = 0.1,
            Beta2 = 0.2,
            Epsilon = 0.25,
            PracticeWeight = 0.5,
            PracticeTopTokens = 7,
        }.ToOptions(new RunSettings(), new StudentSettings(), Positions);

        Assert.Equal(
            new LearningRateSchedule
            {
                Peak = 0.5,
                WarmUpSteps = 7,
                Shape = DecayShape.LinearTail,
                FinalFraction = 0.3,
                TailFraction = 0.4,
            },
            options.Schedule);
        Assert.Equal(new AdamWOptions { Beta1 = 0.1, Beta2 = 0.2, Epsilon = 0.25, WeightDecay = 0.8 }, options.AdamW);
        Assert.Equal(new MuonOptions { LearningRate = 0.6, Momentum = 0.7 }, options.Muon);
        AssertNothingStandard(options.Schedule, new LearningRateSchedule());
        AssertNothingStandard(options.AdamW, new AdamWOptions());
        AssertNothingStandard(options.Muon, new MuonOptions());
        AssertNothingStandard(options.Practice, new PracticeOptions());

        static void AssertNothingStandard<T>(T set, T standard) => Assert.All(
            typeof(T).GetProperties(), property => Assert.NotEqual(property.GetValue(standard), property.GetValue(set)));
    }

    [Fact]
    public void Every_option_of_the_trainer_can_be_set()
    {
        var options = typeof(TrainerOptions).GetProperties().Where(property => property.CanWrite).Select(property => property.Name);
        var settable = typeof(TrainingSettings).GetProperties().Select(property => property.Name);
        Assert.Empty(options.Except(settable).Except(Elsewhere).Except(Parts));
        Assert.Equal(
            typeof(LoraOptions).GetProperties().Where(property => property.CanWrite).Select(property => property.Name),
            typeof(LoraSettings).GetProperties().Select(property => property.Name));
    }

    [Fact]
    public void The_projections_that_a_setting_may_name_are_those_that_adapters_may_stand_beside() =>
        Assert.Equal(LoraOptions.Projections, KnownSetting.Find("training.lora.targets")!.Description.OneOf);

    [Theory]
    [InlineData(null)]
    [InlineData("other")]
    public void Adapters_are_trained_by_AdamW_at_ten_times_the_rate_unless_the_settings_say_otherwise(string? folder)
    {
        var (run, student) = (new RunSettings(), new StudentSettings { Folder = folder });
        var settings = new TrainingSettings { Lora = new LoraSettings { Rank = 8 } };
        var options = settings.ToOptions(run, student, Positions);

        Assert.Equal((OptimizerKind.AdamW, 2e-4), (options.Optimizer, options.Schedule.Peak));
        Assert.Equal(new LoraOptions { Rank = 8, Alpha = 16, Targets = LoraOptions.Projections }, options.Lora);
        options = (settings with { Optimizer = OptimizerKind.Muon, LearningRate = 0.5 }).ToOptions(run, student, Positions);
        Assert.Equal((OptimizerKind.Muon, 0.5), (options.Optimizer, options.Schedule.Peak));
    }

    [Fact]
    public void A_run_that_goes_on_keeps_its_adapters_where_the_settings_do_not_name_others()
    {
        var lora = new LoraOptions { Rank = 8, Alpha = 2, Targets = ["q_proj"] };
        var recipe = TrainingRecipe.Of(new TrainerOptions { Lora = lora, Products = ProductKernels.Libtorch });

        Assert.Equal(lora, OptionsOf(new LoraSettings()));
        Assert.Equal(lora with { Alpha = 3 }, OptionsOf(new LoraSettings { Alpha = 3 }));
        Assert.Equal(LoraOptions.None, OptionsOf(new LoraSettings { Rank = 0 }));

        LoraOptions OptionsOf(LoraSettings settings) => new TrainingSettings { Lora = settings }
            .ToOptions(new RunSettings(), new StudentSettings(), Positions, recipe).Lora;
    }

    [Fact]
    public void Without_settings_the_trainers_own_defaults_stand()
    {
        var seeded = new RunSettings { Seed = 0 };
        Assert.Equal(new TrainerOptions { Threads = 1 }, new TrainingSettings().ToOptions(seeded, new StudentSettings(), Positions));
    }

    [Fact]
    public void Every_setting_reaches_the_trainer()
    {
        // The plan is how the others are chosen.
        foreach (var setting in KnownSetting.All.Where(
            setting => setting.Section.Name == nameof(OrcaSettings.Training) && setting.Key != "training.plan"))
        {
            var settings = SettingsBinder.Bind(
                [SettingValue.FromText(setting.Key, Other(setting), "test"), .. Needed(setting.Key)]);
            Assert.NotEqual(
                SettingsBinder.Bind([.. Needed(setting.Key)]).Training.ToOptions(settings.Run, settings.Student, Positions),
                settings.Training.ToOptions(settings.Run, settings.Student, Positions));
        }
    }

    // What a setting is refused without.
    private static IEnumerable<SettingValue> Needed(string key) => key switch
    {
        "training.lora.alpha" or "training.lora.targets" => [SettingValue.FromText("training.lora.rank", "8", "test")],
        "training.weights" => [SettingValue.FromText("training.compute", nameof(ComputeType.BFloat16), "test")],
        "training.optimizerInBackward" =>
        [
            SettingValue.FromText("training.recompute", nameof(Recompute.Full), "test"),
            SettingValue.FromText("training.maxGradientNorm", "0", "test"),
        ],
        _ => [],
    };

    [Theory]
    [InlineData(null, null, 512, 512)]
    [InlineData(null, null, 4_096, 2_048)]
    [InlineData(null, 256, 4_096, 256)]
    [InlineData(1_024, 256, 4_096, 1_024)]
    [InlineData(8_192, null, 16_384, 8_192)]
    public void Rows_are_as_long_as_the_students_context_up_to_2048_unless_the_run_or_the_settings_say_otherwise(
        int? setting, int? before, int positions, int expected)
    {
        var recipe = TrainingRecipe.Of(new TrainerOptions { Products = ProductKernels.Libtorch }) with { SequenceLength = before };
        var settings = new TrainingSettings { SequenceLength = setting };

        Assert.Equal(expected, settings.RowLength(positions, recipe));
        Assert.Equal(expected, settings.ToOptions(new RunSettings(), new StudentSettings(), positions, recipe).SequenceLength);
    }

    [Fact]
    public void A_run_that_goes_on_keeps_the_batch_of_its_recipe()
    {
        var recipe = TrainingRecipe.Of(
            new TrainerOptions { BatchRows = 7, SequenceLength = 99, Products = ProductKernels.Libtorch });

        var options = new TrainingSettings().ToOptions(new RunSettings(), new StudentSettings { Folder = "other" }, Positions, recipe);

        Assert.Equal((7, 99), (options.BatchRows, options.SequenceLength));
    }

    // A value of the setting's range that is not its default.
    private static string Other(KnownSetting setting) => setting.Property.GetValue(setting.HolderIn(new OrcaSettings())) switch
    {
        null when setting.Property.PropertyType == typeof(OptimizerKind?) => nameof(OptimizerKind.AdamW),
        null when setting.Key == "training.learningRate" => "0.5",
        int number => $"{number + 1}",
        double number => FormattableString.Invariant($"{number / 2}"),
        bool flag => $"{!flag}",
        Enum choice => Enum.GetNames(choice.GetType()).First(name => name != choice.ToString()),
        _ => OtherThanAbsent(Nullable.GetUnderlyingType(setting.Property.PropertyType)!),
    };

    private static string OtherThanAbsent(Type type) => type switch
    {
        { IsEnum: true } => Enum.GetNames(type)[0],
        _ when type == typeof(int) => "5",
        _ when type == typeof(ImmutableArray<string>) => "q_proj,v_proj",
        _ => "0.7",
    };
}
