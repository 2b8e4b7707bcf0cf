using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Orca.Model.Weights;

/// <summary>The weights of a model by their Hugging Face names, wherever they lie. Owns the files.</summary>
public interface IModelWeights : IDisposable
{
    /// <summary>Names of all weights.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>Whether there is a weight of this name.</summary>
    bool Contains(string name);

    /// <summary>The name of a weight's type as its file's format has it, such as BF16 or Q4_0.</summary>
    /// <exception cref="ModelFormatException">There is no such weight.</exception>
    string DtypeName(string name);

    /// <summary>A weight's sizes, outputs before inputs.</summary>
    /// <exception cref="ModelFormatException">There is no such weight.</exception>
    ImmutableArray<long> Shape(string name);

    /// <summary>Where every weight's bytes lie, in no order.</summary>
    IEnumerable<StoredWeight> Stored { get; }

    /// <summary>A weight's rows as the file holds them, borrowed.</summary>
    /// <exception cref="ModelFormatException">
    /// There is no such weight, or it is no vector or matrix of an encoding that has rows.
    /// </exception>
    IWeightRows Rows(string name);

    /// <summary>Whether <see cref="Tensor"/> gives the mapped bytes themselves.</summary>
    /// <exception cref="ModelFormatException">There is no such weight.</exception>
    bool IsMapped(string name);

    /// <summary>
    /// A weight as a CPU tensor. Where <see cref="IsMapped"/>: over the mapped bytes, read-only, borrowed, and gone when this
    /// is disposed, as are all views of it. Else: fp32 values of its own, which belong to the caller's dispose scope.
    /// </summary>
    /// <exception cref="ModelFormatException">There is no such weight, or libtorch has no such dtype.</exception>
    Tensor Tensor(string name);

    /// <summary>
    /// A weight, its rows and its tensor are not used any more. Where files are copied, the memory of its copy is free and the
    /// tensor gone; where they are mapped, nothing happens.
    /// </summary>
    /// <exception cref="ModelFormatException">There is no such weight.</exception>
    void Release(string name);

    /// <summary>Threads that a weight is copied by, where files are copied: 1 at first.</summary>
    int CopyThreads { set; }

    /// <summary>No more weights are asked for soon: memory kept for the next copy is given back.</summary>
    void Trim();
}
