using Orca.Model.Weights;

namespace Orca.Model.Inference.Cpu.Panels;

/// <summary>
/// How panels of Q4_K, Q5_K and Q6_K lie: the very numbers of GGUF's blocks, in the order of the kernels. A unit begins with the
/// fp16 scales of its 32 outputs, and with those of their minimums where the format has such. Its 8 groups of 32 inputs follow,
/// each with
/// <list type="bullet">
/// <item>four words of four bytes an output: the low four bits of the quants of two inputs 16 apart;</item>
/// <item>the words of the quants' upper bits: byte j of a word has those of inputs j, j + 4, j + 8…, from its lowest bits on;</item>
/// <item>two bytes an output: the group's scale and minimum, or the scales of its first and second 16 inputs.</item>
/// </list>
/// </summary>
internal static class SuperBlockPanel
{
    /// <summary>Words of the low bits.</summary>
    public const int LowWords = 4;

    /// <summary>Words of a group of inputs (<see cref="InputForm.ByteSuperBlocks"/>).</summary>
    public const int InputWords = 12;

    /// <summary>Of these, the first of the two that sums begin at.</summary>
    public const int StartWord = 8;

    /// <summary>The inputs' scale.</summary>
    public const int InputScaleWord = 10;

    /// <summary>The inputs' sum.</summary>
    public const int InputSumWord = 11;

    /// <summary>Where a group's upper bits begin.</summary>
    public const int UpperBitsPlace = LowWords * PanelFormats.PanelOutputs * sizeof(uint);

    /// <summary>Upper bits of a quant: 0, 1 or 2.</summary>
    public static int UpperBits(PanelFormat format) => format == PanelFormat.Q5K ? 1 : format == PanelFormat.Q6K ? 2 : 0;

    /// <summary>Whether groups have minimums, and one scale for 32 inputs; else two scales.</summary>
    public static bool HasMinimums(PanelFormat format) => format != PanelFormat.Q6K;

    /// <summary>Parts of a group that have a scale of their own.</summary>
    public static int Sections(PanelFormat format) => HasMinimums(format) ? 1 : 2;

    /// <summary>Words of a group of one output.</summary>
    public static int GroupWords(PanelFormat format) => LowWords + UpperBits(format);

    /// <summary>Where a group's scales begin.</summary>
    public static int GroupScalesPlace(PanelFormat format) => GroupWords(format) * PanelFormats.PanelOutputs * sizeof(uint);

    /// <summary>Bytes of a group.</summary>
    public static int GroupBytes(PanelFormat format) => GroupScalesPlace(format) + (2 * PanelFormats.PanelOutputs);

    /// <summary>Bytes before the first group.</summary>
    public static int HeaderBytes(PanelFormat format) => (HasMinimums(format) ? 2 : 1) * PanelFormats.ScaleBytes;

    /// <summary>Bytes of a unit of one output that are no words.</summary>
    public static int ScaleBytes(PanelFormat format) => (HeaderBytes(format) / PanelFormats.PanelOutputs) + (2 * SuperBlocks.Groups);
}
