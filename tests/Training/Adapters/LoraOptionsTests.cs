using System.Text;
using Orca.Training.Adapters;
using Orca.Training.Memory;

namespace Orca.Training.Tests.Adapters;

/// <summary>Which adapters there may be, and what is told of those that may not.</summary>
public sealed class LoraOptionsTests
{
    [Fact]
    public void Faults_are_named_with_key_value_and_remedy()
    {
        var options = Toy.Options with { Lora = new LoraOptions { Rank = -1, Alpha = 0, Targets = ["q_proj", "head"] } };

        Assert.Equal(
            [
                "training.lora.rank is -1; it must be 0 or more (0 trains all weights, 8 is a usual adapter).",
                "training.lora.alpha is 0; it must be above 0 (16 is usual).",
                "training.lora.targets is 'head,q_proj'; it must be one or more of q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, "
                    + "down_proj (all of them learn most).",
            ],
            options.Faults());
        Assert.Contains("training.lora.targets", Assert.Single((Toy.Options with { Lora = new LoraOptions { Targets = [] } }).Faults()));
    }

    [Fact]
    public void A_rank_beyond_the_smaller_side_of_a_projection_is_refused_before_anything_is_taken()
    {
        var options = Toy.Options with { Lora = new LoraOptions { Rank = 9 } };

        var error = Assert.Throws<TrainingException>(() => MemoryLedger.Of(Toy.Config, options));

        Assert.Equal(
            "training.lora.rank is 9; it must be 8 or less, the smaller side of model.layers.0.self_attn.k_proj (8 by 16).", error.Message);
        Assert.Equal(error.Message, Assert.Throws<TrainingException>(() => Toy.Learner(options)).Message);
        using var narrow = Toy.Learner(options with { Lora = new LoraOptions { Rank = 8 } });
        using var elsewhere = Toy.Learner(options with { Lora = new LoraOptions { Rank = 16, Targets = ["q_proj", "up_proj"] } });
    }

    [Fact]
    public void Targets_mean_the_same_in_any_order()
    {
        Assert.Equal(new LoraOptions { Targets = ["q_proj", "v_proj"] }, new LoraOptions { Targets = ["v_proj", "q_proj", "v_proj"] });
        Assert.NotEqual(new LoraOptions { Targets = ["q_proj", "v_proj"] }, new LoraOptions { Targets = ["q_proj"] });
    }

    [Fact]
    public void A_recipe_tells_of_its_adapters_and_one_from_before_there_were_any_has_none()
    {
        var recipe = TrainingRecipe.Of(LoraToy.Options);
        Assert.Equal(LoraToy.Lora, TrainingRecipe.FromJson(recipe.ToJson()).Lora);

        var before = Encoding.UTF8.GetString(TrainingRecipe.Of(Toy.Options).ToJson())
            .Replace("\"lora\": null,", "", StringComparison.Ordinal);
        Assert.DoesNotContain("lora", before, StringComparison.Ordinal);
        Assert.Null(TrainingRecipe.FromJson(Encoding.UTF8.GetBytes(before)).Lora);
    }
}
