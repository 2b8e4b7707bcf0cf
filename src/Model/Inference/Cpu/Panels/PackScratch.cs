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
    private readonly int scaleBytes;
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
        scaleBytes = units * format.UnitScaleBytes();
        scales = new NativeBuffer((long)Outputs * scaleBytes);
        values = new float[units * format.UnitInputs()];
    }

    /// <summary>Encodes the row of one output.</summary>
    /// <param name="output">The output's place in the panel.</param>
    /// <param name="matrix">Where the row lies; null: there is none, and its weights are 0.</param>
    /// <param name="row">Its index there.</param>
    public void Encode(int output, IWeightRows? matrix, int row)
    {
        var to = new Span<uint>(Row(output), rowWords);
        var scalesOf = new Span<byte>(ScalesOf(output), scaleBytes);
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
        if (!format.IsGroup() && !format.IsSuperBlock())
        {
            Transposition.Transpose(Row(0), rowWords, Outputs, rowWords, (uint*)panel);
            return;
        }

        for (var unit = 0; unit < units; unit++, panel += format.UnitBytes())
        {
            if (format.IsGroup())
            {
                WriteGroup(unit, panel);
            }
            else
            {
                WriteSuperBlock(unit, panel);
            }
        }
    }

    private void WriteGroup(int unit, byte* to)
    {
        Transposition.Transpose(Row(0) + (unit * format.UnitWords()), rowWords, Outputs, format.UnitWords(), (uint*)to);
        var scalesOfUnit = (ushort*)(to + format.UnitBytes() - PanelFormats.ScaleBytes);
        for (var output = 0; output < Outputs; output++)
        {
            scalesOfUnit[output] = ((ushort*)ScalesOf(output))[unit];
        }
    }

    private void WriteSuperBlock(int unit, byte* to)
    {
        var (headerBytes, groupBytes) = (SuperBlockPanel.HeaderBytes(format), SuperBlockPanel.GroupBytes(format));
        var (groupWords, headerScales) = (SuperBlockPanel.GroupWords(format), headerBytes / PanelFormats.ScaleBytes);
        for (var group = 0; group < SuperBlocks.Groups; group++)
        {
            var from = Row(0) + (unit * format.UnitWords()) + (group * groupWords);
            Transposition.Transpose(from, rowWords, Outputs, groupWords, (uint*)(to + headerBytes + (group * groupBytes)));
        }

        for (var output = 0; output < Outputs; output++)
        {
            var from = ScalesOf(output) + (unit * format.UnitScaleBytes());
            for (var scale = 0; scale < headerScales; scale++, from += sizeof(ushort))
            {
                ((ushort*)(to + (scale * PanelFormats.ScaleBytes)))[output] = *(ushort*)from;
            }

            var groupScales = to + headerBytes + SuperBlockPanel.GroupScalesPlace(format) + output;
            for (var group = 0; group < SuperBlocks.Groups; group++, from += 2, groupScales += groupBytes)
            {
                (groupScales[0], groupScales[Outputs]) = (from[0], from[1]);
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

    private byte* ScalesOf(int output) => scales.Data + ((long)output * scaleBytes);
}
