using System.Collections.Immutable;
using Orca.Model.Native;
using Orca.Model.Network;
using Orca.Model.Weights;
using static TorchSharp.torch;

namespace Orca.Model.Gguf;

/// <summary>
/// The weights of a model in a GGUF file. A LLaMA's queries and keys lie in rotary neighbours, as its original code has
/// them; here they are given in halves, as Hugging Face's and Orca's networks turn them.
/// </summary>
internal sealed unsafe class GgufWeights : IModelWeights
{
    private readonly GgufFile file;
    private readonly int headDim;
    private readonly bool isPaired;
    private readonly Dictionary<string, GgufTensor> tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> mapped = new(StringComparer.Ordinal);

    /// <param name="file">The file; owned from here on.</param>
    /// <param name="config">The model's shape.</param>
    /// <exception cref="ModelFormatException">The file lacks a weight, or holds one that such a model does not have.</exception>
    public GgufWeights(GgufFile file, LlamaConfig config)
    {
        this.file = file;
        headDim = config.HeadDim;
        var family = GgufFamily.Find(file.Metadata.Text("general.architecture") ?? "")!;
        isPaired = family.IsPaired;
        foreach (var weight in LlamaParameters.ShapesOf(config))
        {
            var name = GgufNames.Of(weight.Name);
            tensors.Add(weight.Name, file.Tensors.TryGetValue(name, out var tensor)
                ? tensor
                : throw new ModelFormatException($"{file.Source} lacks the tensor '{name}', which its metadata calls for."));
        }

        // A bias or a router that nobody reads would change what the model says.
        var strange = file.Tensors.Keys.Except(tensors.Values.Select(tensor => tensor.Name))
            .FirstOrDefault(name => name != GgufNames.RotaryFactors || !family.HasRotaryFactors);
        if (strange is not null)
        {
            throw new ModelFormatException($"{file.Source} has the tensor {GgufFile.Quoted(strange)}, which a model of the architecture "
                + $"{family.Name} and of its metadata does not have; what it is for is not supported.");
        }
    }

    /// <inheritdoc/>
    public IEnumerable<string> Names => tensors.Keys;

    /// <inheritdoc/>
    public IEnumerable<StoredWeight> Stored => file.Stored;

    /// <inheritdoc/>
    public bool Contains(string name) => tensors.ContainsKey(name);

    /// <inheritdoc/>
    public string DtypeName(string name) => Find(name).Encoding.ToString();

    /// <inheritdoc/>
    public ImmutableArray<long> Shape(string name) => Find(name).Shape;

    /// <inheritdoc/>
    public IWeightRows Rows(string name)
    {
        var tensor = Find(name);
        var rows = file.Rows(tensor, IsPaired(tensor) && tensor.Shape.Length > 1 ? headDim : 0);
        return IsPaired(tensor) && tensor.Shape.Length == 1 ? new PairedVector(rows, headDim) : rows;
    }

    /// <inheritdoc/>
    public bool IsMapped(string name)
    {
        var tensor = Find(name);
        // Where the file aligns less than the type needs, or in another order, the values are copied.
        return TypeOf(tensor.Encoding) is not null && !IsPaired(tensor) && tensor.Offset % sizeof(float) == 0;
    }

    /// <inheritdoc/>
    public Tensor Tensor(string name)
    {
        if (!IsMapped(name))
        {
            return Decoded(name);
        }

        if (!mapped.TryGetValue(name, out var tensor))
        {
            var entry = Find(name);
            using var scope = NewDisposeScope();
            tensor = Aten.FromBlob(file.DataOf(entry), entry.Shape.AsSpan(), TypeOf(entry.Encoding)!.Value).DetachFromDisposeScope();
            mapped.Add(name, tensor);
        }

        return tensor;
    }

    /// <inheritdoc/>
    public void Release(string name)
    {
        var entry = Find(name);
        if (!file.IsMapped)
        {
            if (mapped.Remove(name, out var tensor))
            {
                tensor.Dispose();
            }

            file.Release(entry);
        }
    }

    /// <inheritdoc/>
    public int CopyThreads
    {
        set => file.Threads = value;
    }

    /// <inheritdoc/>
    public void Trim() => file.Trim();

    /// <summary>Frees all tensors and unmaps the file.</summary>
    public void Dispose()
    {
        foreach (var tensor in mapped.Values)
        {
            tensor.Dispose();
        }

        mapped.Clear();
        file.Dispose();
    }

    private static ScalarType? TypeOf(WeightEncoding encoding) => encoding switch
    {
        WeightEncoding.F32 => ScalarType.Float32,
        WeightEncoding.F16 => ScalarType.Float16,
        WeightEncoding.BF16 => ScalarType.BFloat16,
        _ => null,
    };

    private bool IsPaired(GgufTensor tensor) => isPaired && GgufNames.IsRotated(tensor.Name);

    private Tensor Decoded(string name)
    {
        var rows = Rows(name);
        var decoded = empty(Shape(name).AsSpan(), ScalarType.Float32);
        var data = (float*)Aten.DataPointer(decoded);
        for (var row = 0; row < rows.Rows; row++)
        {
            rows.ReadFloats(row, new Span<float>(data + ((long)row * rows.Columns), rows.Columns));
        }

        return decoded;
    }

    private GgufTensor Find(string name) => tensors.TryGetValue(name, out var tensor)
        ? tensor
        : throw new ModelFormatException($"{file.Source} has no weight '{name}'.");
}
