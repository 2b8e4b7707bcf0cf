using System.Buffers.Binary;

namespace Orca.Model.Inference.Cpu.MachineCode;

/// <summary>
/// How many rows each tile register has, and how many bytes a row: 64 bytes in the code of a kernel, after its last instruction
/// (Intel's Software Developer's Manual, volume 2, LDTILECFG).
/// </summary>
internal sealed class TileShapes
{
    /// <summary>Most rows of a register.</summary>
    public const int MaxRows = 16;

    /// <summary>Most bytes of a row.</summary>
    public const int RowBytes = 64;

    private const int FirstRowBytes = 16;
    private const int FirstRows = 48;

    private readonly byte[] bytes = new byte[64];
    private readonly Label place = new();

    /// <summary>Begins with registers of no rows.</summary>
    public TileShapes() => bytes[0] = 1;

    /// <summary>Shapes one register.</summary>
    public void Set(Tmm register, int rows, int rowBytes)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(FirstRowBytes + (2 * register.Number)), (ushort)(rows == 0 ? 0 : rowBytes));
        bytes[FirstRows + register.Number] = (byte)rows;
    }

    /// <summary>Writes the instruction that takes them.</summary>
    public void Load(Assembler code) => code.Ldtilecfg(place);

    /// <summary>Writes the bytes themselves, where no instruction is reached.</summary>
    public void Place(Assembler code)
    {
        code.Place(place);
        code.Data(bytes);
    }
}
