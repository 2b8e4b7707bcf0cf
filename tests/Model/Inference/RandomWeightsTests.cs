using Orca.Model.Inference;
using Orca.Model.Tests.Gguf;
using Orca.Model.Weights;
using Orca.Tests.Shared;

namespace Orca.Model.Tests.Inference;

public class RandomWeightsTests
{
    [Theory]
    [MemberData(nameof(FamilyShapes.Names), MemberType = typeof(FamilyShapes))]
    public void A_model_of_every_family_can_be_timed_on_both_back_ends(string family)
    {
        var config = FamilyShapes.Of(TinyGguf.Config)[family];
        foreach (var options in new[]
        {
            new InferenceOptions { Backend = InferenceBackend.Cpu, Weights = WeightFormat.AsStored, Threads = 1 },
            new InferenceOptions { Backend = InferenceBackend.Torch, Threads = 1 },
        })
        {
            using var model = InferenceModels.Random(config, new RandomWeights(config, WeightEncoding.Q8_0), options);
            Assert.All(EngineLogits.After(model, [1, 2, 3]), logit => Assert.True(float.IsFinite(logit)));
        }
    }
}
