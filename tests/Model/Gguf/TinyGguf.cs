using Orca.Model.Checkpoints;
using Orca.Model.Gguf;
using Orca.Model.Network;
using Orca.Model.Tests.Checkpoints;
using Orca.Model.Tests.Network;
using Orca.Model.Weights;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Gguf;

/// <summary>Small GGUF files made in the test.</summary>
internal static class TinyGguf
{
    /// <summary>A toy whose rows are whole blocks of every encoding.</summary>
    public static LlamaConfig Config { get; } = Drafts.Config with { HiddenSize = 64, IntermediateSize = 96, HeadDim = 16 };

    /// <summary>Publishes a toy model below a folder.</summary>
    /// <returns>The checkpoint's folder.</returns>
    public static string Publish(string root, LlamaConfig config, long seed = 1)
    {
        using var model = new ToyModel(config, seed);
        return CheckpointPublisher.Publish(root, Drafts.Of(model, 1) with { WeightType = ScalarType.Float32 });
    }

    /// <summary>Exports a published toy.</summary>
    public static string Export(TemporaryFolder folder, LlamaConfig config, WeightEncoding encoding, string name = "toy.gguf")
    {
        using var checkpoint = Checkpoint.Open(Publish(folder["published-" + name], config));
        GgufExport.Write(checkpoint, folder[name], encoding);
        return folder[name];
    }

    /// <summary>The word by which a model is refused that GGUF has no words for; null where it has them.</summary>
    public static string? Unsayable(LlamaConfig config) =>
        config.RopeScaling is RopeScaling.Dynamic ? "dynamic"
        : config.RopeScaling is RopeScaling.Yarn { Truncates: false } ? "yarn"
        : config is { HasQueryKeyNorms: true, HasAttentionOutputBias: true } ? "biases"
        : null;

    /// <summary>Writes a file of the caller's own.</summary>
    public static string Write(string path, Action<GgufWriter> fill)
    {
        using var writer = new GgufWriter();
        fill(writer);
        using var file = File.Create(path);
        writer.WriteTo(file);
        return path;
    }

    /// <summary>Opens a file that must be refused, and gives the sentence.</summary>
    public static string Fault(string path) => Assert.Throws<ModelFormatException>(() => Checkpoint.Open(path).Dispose()).Message;
}
