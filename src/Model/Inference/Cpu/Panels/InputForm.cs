using Orca.Model.Inference.Cpu.MachineCode;
using Orca.Model.Weights;

namespace Orca.Model.Inference.Cpu.Panels;

/// <summary>How rows of inputs are laid out for a kernel. A unit of a row has as many inputs as a unit of the panel.</summary>
internal enum InputForm
{
    /// <summary>Two fp32 a unit.</summary>
    Fp32,

    /// <summary>A unit is a word of two inputs rounded to bf16, the first in its low half.</summary>
    BFloat16Pairs,

    /// <summary>
    /// A unit is 32 inputs as int8 times a scale: eight words of four, then what the sums begin at (the weights' offset times
    /// the inputs' sum, negated), then the scale in fp32.
    /// </summary>
    ByteGroups,

    /// <summary>
    /// A unit is eight groups of 32 inputs as int8 times a scale: eight words of four; what the sums of the first and the second
    /// 16 of Q6_K's quants begin at; the scale, and the sum of the inputs, both in fp32.
    /// </summary>
    ByteSuperBlocks,

    /// <summary>As <see cref="BFloat16Pairs"/>, but sixteen units of a row lie together, as AMX takes them.</summary>
    BFloat16Rows,
}

/// <summary>Sizes of the forms.</summary>
internal static class InputForms
{
    /// <summary>Words of a unit of one row.</summary>
    public static int UnitWords(this InputForm form) => form switch
    {
        InputForm.Fp32 => 2,
        InputForm.BFloat16Pairs or InputForm.BFloat16Rows => 1,
        InputForm.ByteSuperBlocks => SuperBlocks.Groups * SuperBlockPanel.InputWords,
        _ => 10,
    };

    /// <summary>
    /// Units of a row that lie next to one another, before those of the next row, and are computed together: rows are padded to as
    /// many.
    /// </summary>
    public static int UnitsTogether(this InputForm form) => form == InputForm.BFloat16Rows ? 16 : 1;

    /// <summary>Units, with those that pad them.</summary>
    public static int Padded(this InputForm form, int units) =>
        (units + form.UnitsTogether() - 1) / form.UnitsTogether() * form.UnitsTogether();

    /// <summary>Rows of the tallest tile that kernels take in this form.</summary>
    public static int MaxRows(this InputForm form) => form switch
    {
        InputForm.ByteGroups => IntegerTileCode.MaxRows,
        InputForm.ByteSuperBlocks => SuperBlockTileCode.MaxRows,
        InputForm.BFloat16Rows => AmxFloatCode.MaxRows,
        _ => FloatTileCode.MaxRows,
    };
}
