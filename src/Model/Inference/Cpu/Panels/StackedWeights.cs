using System.Collections.Immutable;
using Orca.Model.Weights;

namespace Orca.Model.Inference.Cpu.Panels;

/// <summary>
/// Matrices of the same inputs, whose outputs lie one after another: queries, keys and values; gate and up. Each is kept in the
/// format that it asks for itself; neighbours of one format are one matrix. Owns them.
/// </summary>
internal sealed class StackedWeights : IDisposable
{
    private StackedWeights(ImmutableArray<Part> parts) => Parts = parts;

    /// <summary>The matrices, and where the outputs of each begin.</summary>
    public ImmutableArray<Part> Parts { get; }

    /// <summary>Inputs of all.</summary>
    public int Inputs => Parts[0].Weights.Inputs;

    /// <summary>
    /// Sums of a row with those of the last panel's padding. What pads another part is overwritten by the part that follows, so
    /// that products which are added need a single part.
    /// </summary>
    public int OutputStride => Parts[^1].FirstOutput + Parts[^1].Weights.OutputStride;

    /// <summary>Bytes of weights and scales, padding included.</summary>
    public long Bytes => Parts.Sum(part => part.Weights.Bytes);

    /// <summary>What they are kept in.</summary>
    public IEnumerable<PanelFormat> Formats => Parts.Select(part => part.Weights.Format);

    /// <summary>Packs matrices.</summary>
    /// <param name="wanted">What to keep them in.</param>
    /// <param name="matrices">Their names, for messages, and their rows.</param>
    /// <param name="threads">Threads that pack.</param>
    /// <exception cref="ModelFormatException">One cannot be kept so.</exception>
    public static StackedWeights Pack(WeightFormat wanted, IReadOnlyList<(string Name, IWeightRows Rows)> matrices, int threads)
    {
        var formats = matrices.Select(matrix => PanelFormats.For(wanted, matrix.Rows, matrix.Name)).ToArray();
        var parts = ImmutableArray.CreateBuilder<Part>();
        try
        {
            var firstOutput = 0;
            for (var first = 0; first < matrices.Count;)
            {
                var end = first + 1;
                while (end < matrices.Count && formats[end] == formats[first])
                {
                    end++;
                }

                var rows = matrices.Skip(first).Take(end - first).Select(matrix => matrix.Rows).ToArray();
                parts.Add(new Part(PanelWeights.Pack(formats[first], rows, threads), firstOutput));
                firstOutput += parts[^1].Weights.Outputs;
                first = end;
            }

            return new StackedWeights(parts.ToImmutable());
        }
        catch
        {
            foreach (var part in parts)
            {
                part.Weights.Dispose();
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in Parts)
        {
            part.Weights.Dispose();
        }
    }

    /// <summary>One matrix.</summary>
    /// <param name="Weights">Its weights.</param>
    /// <param name="FirstOutput">Where its outputs begin.</param>
    public readonly record struct Part(PanelWeights Weights, int FirstOutput);
}
