using System.Collections.Immutable;
using Orca.Model.Network;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;
using static TorchSharp.torch;

namespace Orca.Model.Checkpoints;

/// <summary>All that makes a checkpoint, before it is one.</summary>
public sealed record CheckpointDraft
{
    /// <summary>Optimizer steps behind the weights; names the folder.</summary>
    public required long Step { get; init; }

    /// <summary>Folder name of the checkpoint it was trained from; null for the first of a run.</summary>
    public string? Parent { get; init; }

    /// <summary>The model's shape.</summary>
    public required LlamaConfig Config { get; init; }

    /// <summary>Writes its own files into the folder.</summary>
    public required ITokenizer Tokenizer { get; init; }

    /// <summary>The template the student is trained with.</summary>
    public required PromptTemplate Template { get; init; }

    /// <summary>Every weight of the shape by its Hugging Face name, on any device; borrowed until the draft is published.</summary>
    public required IReadOnlyDictionary<string, Tensor> Weights { get; init; }

    /// <summary>dtype of the weights on disk: BFloat16, Float16 or Float32.</summary>
    public ScalarType WeightType { get; init; } = ScalarType.BFloat16;

    /// <summary>Revision of the curriculum at the step.</summary>
    public long CurriculumRevision { get; init; }

    /// <summary>Now.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Subfolders with other content, such as the trainer's state.</summary>
    public ImmutableArray<CheckpointExtra> Extras { get; init; } = [];
}

/// <summary>A subfolder of a checkpoint that is not the model's, such as <c>trainer</c>.</summary>
/// <param name="Folder">Its name.</param>
/// <param name="Write">Writes its files into the folder whose path it is given, which exists and is empty.</param>
public sealed record CheckpointExtra(string Folder, Action<string> Write);
