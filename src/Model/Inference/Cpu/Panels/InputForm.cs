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
}

/// <summary>Sizes of the forms.</summary>
internal static class InputForms
{
    /// <summary>Words of a unit of one row.</summary>
    public static int UnitWords(this InputForm form) => form switch
    {
        InputForm.Fp32 => 2,
        InputForm.BFloat16Pairs => 1,
        _ => 10,
    };
}
