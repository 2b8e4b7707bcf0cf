using System.Collections.Immutable;
using Orca.Model.Network;

namespace Orca.Model.Gguf;

/// <summary>
/// An architecture of GGUF as llama.cpp computes it (https://github.com/ggml-org/llama.cpp, src/models and src/llama-model.cpp): what
/// its files may hold. Models of Mistral's shape are files of the architecture llama.
/// </summary>
internal sealed record GgufFamily
{
    private GgufFamily(string name) => Name = name;

    /// <summary>LLaMA and Mistral. Which biases there are, the tensors alone tell.</summary>
    public static GgufFamily Llama { get; } = new("llama") { IsPaired = true, MayHaveBiases = true, HasRotaryFactors = true };

    /// <summary>Qwen 1.5 to 2.5.</summary>
    public static GgufFamily Qwen2 { get; } = new("qwen2");

    /// <summary>Qwen 3.</summary>
    public static GgufFamily Qwen3 { get; } = new("qwen3");

    private static ImmutableArray<GgufFamily> All { get; } = [Llama, Qwen2, Qwen3];

    /// <summary>The names of all, for a message.</summary>
    public static string Names { get; } = string.Join(", ", All[..^1].Select(family => $"'{family.Name}'")) + $" and '{All[^1].Name}'";

    /// <summary>The value of <c>general.architecture</c>, with which all its keys begin.</summary>
    public string Name { get; }

    /// <summary>Whether the rows of queries and keys lie in rotary neighbours, as LLaMA's first code has them.</summary>
    public bool IsPaired { get; private init; }

    /// <summary>Whether biases are used where they are there.</summary>
    public bool MayHaveBiases { get; private init; }

    /// <summary>Whether a tensor may say what the rotary frequencies are divided by.</summary>
    public bool HasRotaryFactors { get; private init; }

    /// <summary>The architecture of a name; null where it is not supported.</summary>
    public static GgufFamily? Find(string name) => All.FirstOrDefault(family => family.Name == name);

    /// <summary>The architecture in which a model is written.</summary>
    public static GgufFamily Of(ModelFamily family) =>
        family == ModelFamily.Qwen2 ? Qwen2 : family == ModelFamily.Qwen3 ? Qwen3 : Llama;
}
