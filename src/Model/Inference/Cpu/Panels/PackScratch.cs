using Orca.Model.Inference.Cpu.Machine;
using Orca.Model.Weights;

namespace Orca.Model.Inference.Cpu.Panels;

/// <summary>What one thread needs to make panels: the rows of one, encoded, before they are interleaved.</summary>
internal sealed unsafe class PackScratch : IDisposable
{
    private const int Outputs = PanelFormats.PanelOutputs;

    private readonly PanelFormat format;
    private readonly int units;
    private readonly int rowWords;
    private readonly NativeBuffer words;
    private readonly NativeBuffer scales;
    private readonly float[] values;

    /// <param name="format">What panels are kept in.</param>
    /// <param name="units">Units of a row, padded.</param>
    public PackScratch(PanelFormat format, int units)
    {
        (this.format, this.units) = (format, units);
        rowWords = units * format.UnitWords();
        words = new NativeBuffer((long)Outputs * rowWords * sizeof(uint));
        scales = new NativeBuffer(format.IsInteger() ? (long)Outputs * units * sizeof(ushort) : 0);
        values = new float[units * format.UnitInputs()];
    }

    /// <summary>Encodes the row of one output.</summary>
    /// <param name="output">The output's place in the panel.</param>
    /// <param name="matrix">Where the row lies; null: there is none, and its weights are 0.</param>
    /// <param name="row">Its index there.</param>
    public void Encode(int output, IWeightRows? matrix, int row)
    {
        var to = new Span<uint>(Row(output), rowWords);
        var scalesOf = new Span<ushort>(ScalesOf(output), format.IsInteger() ? units : 0);
        to.Clear();
        scalesOf.Clear();
        if (matrix is not null)
        {
            RowEncoder.Encode(format, matrix, row, to, scalesOf, values);
        }
    }

    /// <summary>Writes the panel, unit by unit.</summary>
    public void Write(byte* panel)
    {
        if (!format.IsInteger())
        {
            Transposition.Transpose(Row(0), rowWords, Outputs, rowWords, (uint*)panel);
            return;
        }

        for (var unit = 0; unit < units; unit++, panel += format.UnitBytes())
        {
            Transposition.Transpose(Row(0) + (unit * format.UnitWords()), rowWords, Outputs, format.UnitWords(), (uint*)panel);
            var to = (ushort*)(panel + format.UnitBytes() - PanelFormats.ScaleBytes);
            for (var output = 0; output < Outputs; output++)
            {
                to[output] = ScalesOf(output)[unit];
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        words.Dispose();
        scales.Dispose();
    }

    private uint* Row(int output) => (uint*)words.Data + ((long)output * rowWords);

    private ushort* ScalesOf(int output) => (ushort*)scales.Data + ((long)output * units);
}
