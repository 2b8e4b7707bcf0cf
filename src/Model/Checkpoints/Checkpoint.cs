using Orca.Model.Gguf;
using Orca.Model.Network;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;
using Orca.Model.Weights;
using static TorchSharp.torch;

namespace Orca.Model.Checkpoints;

/// <summary>
/// A model, opened and checked as a whole: a folder in Hugging Face's layout, one of ours, whose digests are verified, or any
/// other of a family that is known; or a GGUF file. Its weights are mapped, or copied as they are asked for.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    private readonly IModelWeights weights;

    /// <param name="weights">Owned from here on, once they have been checked.</param>
    /// <exception cref="ModelFormatException">The parts do not fit together.</exception>
    internal Checkpoint(
        string folder, CheckpointManifest? manifest, LlamaConfig config, ITokenizer tokenizer,
        PromptTemplate template, IModelWeights weights)
    {
        CheckVocabulary(folder, config, tokenizer);
        new WeightCheck(folder, ConfigurationOf(folder)).Require(config, weights);
        Folder = folder;
        Manifest = manifest;
        Config = config;
        Tokenizer = tokenizer;
        Template = template;
        this.weights = weights;
    }

    /// <summary>Full path of the folder, or of the GGUF file.</summary>
    public string Folder { get; }

    /// <summary>
    /// SHA-256, in lower-case hexadecimal digits, of the files that make the tokenizer, or of a GGUF file's metadata: equal
    /// only where two checkpoints share their tokens.
    /// </summary>
    public required string TokenizerHash { get; init; }

    /// <summary>What <c>orca.json</c> says; null for a folder from elsewhere.</summary>
    public CheckpointManifest? Manifest { get; }

    /// <summary>The model's shape.</summary>
    public LlamaConfig Config { get; }

    /// <summary>The model's tokenizer.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>How the model is prompted.</summary>
    public PromptTemplate Template { get; }

    /// <summary>Whether a path is that of a model, as <see cref="ModelPath"/> finds it.</summary>
    public static bool IsModel(string path) => ModelPath.Find(path) is not null;

    /// <summary>Opens a folder or a GGUF file, and checks that all in it fits together.</summary>
    /// <param name="folder">The folder or the file.</param>
    /// <param name="access">
    /// How weights come into memory. Where they are copied, the digests of their files are left to <see cref="Inspect"/>, which
    /// reads them anyway.
    /// </param>
    /// <exception cref="ModelFormatException">
    /// A file is missing, malformed, differs from its digest, or does not fit the others; the message says which.
    /// </exception>
    public static Checkpoint Open(string folder, WeightAccess access = WeightAccess.Mapped)
    {
        // Of a checkpoint of ours the manifest tells what is missing.
        var found = ModelPath.Find(folder)
            ?? (CheckpointLayout.StepOf(Path.GetFileName(folder)) is not null && Directory.Exists(folder) ? folder : throw ModelPath.Fault(folder));
        if (GgufCheckpoint.Find(found) is { } file)
        {
            return GgufCheckpoint.Open(file, access);
        }

        folder = Path.GetFullPath(found);
        var manifest = CheckpointManifest.Read(folder);
        if (manifest is not null)
        {
            FolderDigests.Verify(folder, manifest.Digests.Where(file =>
                IsModels(file.Key) && (access == WeightAccess.Mapped || !IsWeights(file.Key))));
        }

        var config = LlamaConfig.Read(Path.Combine(folder, CheckpointLayout.ConfigName));
        var tokenizer = TokenizerFolder.Open(folder);
        var template = PromptTemplate.Open(folder, tokenizer);
        if (manifest is not null && manifest.TemplateHash != template.Hash)
        {
            throw new ModelFormatException($"'{folder}': its prompt template is not the one it was trained with, of hash "
                + $"{manifest.TemplateHash}.");
        }

        var weights = ShardedWeights.Open(folder, access);
        try
        {
            return new Checkpoint(folder, manifest, config, tokenizer, template, weights) { TokenizerHash = TokenizerFolder.Hash(folder) };
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A weight by its Hugging Face name, as <see cref="IModelWeights.Tensor"/> gives it: mostly mapped, read-only, borrowed
    /// until the checkpoint is disposed.
    /// </summary>
    /// <exception cref="ModelFormatException">There is no such weight.</exception>
    public Tensor Weight(string name) => weights.Tensor(name);

    /// <summary>A weight is not used any more, as <see cref="IModelWeights.Release"/> has it.</summary>
    /// <exception cref="ModelFormatException">There is no such weight.</exception>
    public void Release(string name) => weights.Release(name);

    /// <summary>No weight is used any more. They can be asked for again, and are then what they were, or refused.</summary>
    public void ReleaseAll()
    {
        foreach (var name in weights.Names)
        {
            weights.Release(name);
        }

        weights.Trim();
    }

    /// <summary>Threads that a weight is copied by, where weights are copied: 1 at first.</summary>
    public int CopyThreads
    {
        set => weights.CopyThreads = value;
    }

    /// <summary>No more weights are asked for soon: memory kept for the next copy is given back.</summary>
    public void Trim() => weights.Trim();

    /// <summary>Number of weights that <see cref="Inspect"/> reads.</summary>
    public int WeightCount => weights.Stored.Count();

    /// <summary>How a weight is stored, by its Hugging Face name; null for a type that has no rows.</summary>
    /// <exception cref="ModelFormatException">There is no such weight.</exception>
    public WeightEncoding? EncodingOf(string name) =>
        Enum.TryParse<WeightEncoding>(weights.DtypeName(name), out var encoding) ? encoding : null;

    /// <summary>Bytes of the largest weight as it is stored.</summary>
    public long LargestWeightBytes => weights.Stored.Max(weight => weight.Bytes);

    /// <summary>
    /// Tells one content from another: the manifest's digest, or for a model from elsewhere SHA-256 over the hashes of its
    /// weights and of its tokenizer.
    /// </summary>
    /// <param name="inspection">From <see cref="Inspect"/>.</param>
    public string DigestOf(WeightInspection inspection) =>
        Manifest?.Digest ?? CheckpointManifest.DigestOf(inspection.Hashes.Add(" tokenizer", TokenizerHash));

    /// <summary>
    /// Reads every byte of the weights, compares their files with the manifest, and looks for values that are no numbers. Where
    /// weights are copied, each one's bytes in memory are compared with those read here, whenever they get there; the other
    /// files are compared once more, since they have been read by now. So what is in memory is what the manifest says. Of a
    /// model without a manifest, weights that were copied before have been looked at as they passed, and are not read again.
    /// </summary>
    /// <param name="seen">Told after each weight how many have been read.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="ModelFormatException">
    /// A file differs from its digest, was cut or changed since it was opened, or cannot be read.
    /// </exception>
    public WeightInspection Inspect(Action<int> seen, CancellationToken cancellationToken)
    {
        var inspection = WeightInspection.Of(weights, wantsDigests: Manifest is not null, seen, cancellationToken);
        if (Manifest is not null)
        {
            FolderDigests.Compare(Folder, Manifest.Digests, inspection.Digests);
            FolderDigests.Verify(Folder, Manifest.Digests.Where(file => IsModels(file.Key) && !IsWeights(file.Key)));
        }

        return inspection;
    }

    /// <summary>A weight's rows by its Hugging Face name, as the file holds them; borrowed until the checkpoint is disposed.</summary>
    /// <exception cref="ModelFormatException">There is no such weight, or its type has no rows.</exception>
    public IWeightRows Rows(string name) => weights.Rows(name);

    /// <summary>
    /// Makes the network. Weights that are in the dtype of the computation already are used where they are mapped; others
    /// are cast or copied to the device. Dispose the result before the checkpoint.
    /// </summary>
    /// <param name="compute">dtype of weights and hidden states: BFloat16, Float16, Float32 or Float64.</param>
    /// <param name="device">Where to compute.</param>
    public LoadedModel LoadModel(ScalarType compute, Device device) => new(Config, weights, compute, device);

    /// <summary>Path of a subfolder with other content, such as <c>trainer</c>, after verifying its digests.</summary>
    /// <exception cref="ModelFormatException">There is no such content, or a file of it is missing or differs.</exception>
    public string Extra(string name)
    {
        var files = Manifest?.Digests.Where(file => file.Key.StartsWith(name + "/", StringComparison.Ordinal)).ToList();
        if (files is null or [])
        {
            throw new ModelFormatException($"'{Folder}' has no {name} folder in its manifest.");
        }

        FolderDigests.Verify(Folder, files);
        return Path.Combine(Folder, name);
    }

    /// <summary>Frees the mapped weights.</summary>
    public void Dispose() => weights.Dispose();

    // Subfolders with other content are looked at by who reads them.
    private static bool IsModels(string path) =>
        !path.Contains('/') || path.StartsWith(CheckpointLayout.TemplatesFolder + "/", StringComparison.Ordinal);

    private static bool IsWeights(string name) => name.EndsWith(".safetensors", StringComparison.Ordinal);

    private static string ConfigurationOf(string path) => Directory.Exists(path) ? CheckpointLayout.ConfigName : "the file's metadata";

    private static void CheckVocabulary(string folder, LlamaConfig config, ITokenizer tokenizer)
    {
        if (VocabularyFit.Fault(config.VocabularySize, tokenizer) is { } fault)
        {
            throw new ModelFormatException($"'{folder}': {fault}.");
        }
    }
}
