using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Orca.Model.Checkpoints;
using Orca.Model.Network;
using Orca.Model.Prompting;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Serving.Tests.Students;

/// <summary>A folder of checkpoints, filled as the trainer fills it.</summary>
internal sealed class Publisher : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TemporaryFolder elsewhere = new();

    public string Root => folder.Path;

    /// <summary>The template of what is published; null for the one that the vocabulary suggests.</summary>
    public PromptTemplate? Template { get; set; }

    /// <summary>A folder where nobody looks for checkpoints.</summary>
    public string Elsewhere => elsewhere.Path;

    /// <summary>Publishes a student that spells a text.</summary>
    public string PublishSpeller(long step, string text, bool endless = false, int context = 256)
    {
        var (config, weights) = ToyStudent.Spelling(text, endless, context);
        return Publish(step, config, weights);
    }

    /// <summary>Publishes a student that spells a text where nobody looks for it; gives its folder.</summary>
    public string PublishSpellerElsewhere(long step, string text)
    {
        var (config, weights) = ToyStudent.Spelling(text);
        return Publish(step, config, weights, elsewhere.Path);
    }

    /// <summary>Publishes a student that spells a text, one of whose files was changed before its digest was taken.</summary>
    public string PublishAmended(long step, string text, string file, Func<string, string> amend)
    {
        var made = PublishSpellerElsewhere(step, text);
        var path = Path.Combine(made, file);
        File.WriteAllText(path, amend(File.ReadAllText(path)));
        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(made, "orca.json")))!;
        manifest["digests"]![file] = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        File.WriteAllText(Path.Combine(made, "orca.json"), manifest.ToJsonString());
        return MoveHere(made);
    }

    /// <summary>Moves a checkpoint that was published elsewhere to this folder, and has the pointer name it.</summary>
    public string MoveHere(string made)
    {
        var folder = Path.Combine(Root, Path.GetFileName(made));
        Directory.Move(made, folder);
        File.WriteAllText(Path.Combine(Root, "latest"), Path.GetFileName(made) + "\n");
        return folder;
    }

    /// <summary>Publishes a student of the toy shape.</summary>
    public string PublishRandom(long step, long seed) =>
        Publish(step, ToyStudent.Config, ToyStudent.RandomWeights(ToyStudent.Config, seed));

    /// <summary>Publishes weights, and frees them.</summary>
    public string Publish(long step, LlamaConfig config, Dictionary<string, Tensor> weights, string? root = null)
    {
        var tokenizer = Bytes.Open();
        var path = CheckpointPublisher.Publish(root ?? Root, new CheckpointDraft
        {
            Step = step,
            Config = config,
            Tokenizer = tokenizer,
            Template = Template ?? PromptTemplate.For(tokenizer),
            Weights = weights,
            WeightType = ScalarType.Float32,
            Created = DateTimeOffset.UnixEpoch,
        });
        foreach (var weight in weights.Values)
        {
            weight.Dispose();
        }

        return path;
    }

    public void Dispose()
    {
        folder.Dispose();
        elsewhere.Dispose();
    }
}
