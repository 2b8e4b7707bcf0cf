using System.Runtime.InteropServices;
using Orca.Model.Inference.Cpu.Kernels;
using Orca.Model.Inference.Cpu.Panels;

namespace Orca.Model.Inference.Cpu.MachineCode;

/// <summary>The generated kernels of one kind of panel, one for each height and share. Kept as long as the process runs.</summary>
internal static unsafe class KernelTable
{
    // Where a jump to the next kernel's first line would otherwise load two.
    private const int Alignment = 64;

    /// <summary>Place of a kernel in the table.</summary>
    public static int IndexOf(int rows, int share, int maxRows) => (share * maxRows) + rows - 1;

    /// <summary>Generates them; null where this processor or this system cannot run them.</summary>
    public static byte** TryGenerate(PanelFormat format, InputForm inputs, int maxRows, bool apart)
    {
        if (!CanRun(inputs))
        {
            return null;
        }

        var code = new List<byte>();
        var places = new List<int>();
        for (var share = 0; share <= TileKernel.MaxShare; share++)
        {
            for (var rows = 1; rows <= maxRows; rows++)
            {
                code.AddRange(new byte[(Alignment - (code.Count % Alignment)) % Alignment]);
                places.Add(code.Count);
                code.AddRange(Generate(format, inputs, rows, share, apart));
            }
        }

        var memory = ExecutableMemory.TryPlace(CollectionsMarshal.AsSpan(code));
        if (memory == null)
        {
            return null;
        }

        var table = (byte**)NativeMemory.Alloc((nuint)places.Count, (nuint)sizeof(byte*));
        for (var i = 0; i < places.Count; i++)
        {
            table[i] = memory + places[i];
        }

        return table;
    }

    private static bool CanRun(InputForm inputs) => inputs switch
    {
        InputForm.ByteGroups or InputForm.ByteSuperBlocks => Processor.HasByteDot,
        InputForm.BFloat16Pairs => Processor.HasBFloat16Dot,
        InputForm.BFloat16Rows => Processor.HasBFloat16Tiles,
        _ => Processor.RunsKernels,
    };

    private static byte[] Generate(PanelFormat format, InputForm inputs, int rows, int share, bool apart)
    {
        var code = new Assembler();
        switch (inputs)
        {
            case InputForm.ByteGroups: IntegerTileCode.Write(code, format, rows, share); break;
            case InputForm.ByteSuperBlocks: SuperBlockTileCode.Write(code, format, rows, share); break;
            case InputForm.BFloat16Rows: AmxFloatCode.Write(code, rows, share); break;
            default: FloatTileCode.Write(code, format, inputs, rows, share, apart); break;
        }

        return code.ToArray();
    }
}
