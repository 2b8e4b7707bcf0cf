namespace Orca.Model.Inference.Cpu.MachineCode;

/// <summary>A tile register of AMX, 0 to 7: up to 16 rows of 64 bytes, as many as <see cref="Assembler.Ldtilecfg"/> says.</summary>
internal readonly record struct Tmm(int Number);

/// <summary>The instructions of AMX (Intel's Software Developer's Manual, volume 2): products of small matrices.</summary>
internal sealed partial class Assembler
{
    private const int PrefixF2 = 3;

    /// <summary>Sets the tile registers up as 64 bytes of this code say, and clears them.</summary>
    public void Ldtilecfg(Label shapes)
    {
        Emit(0xC4, 0xE2, 0x78, 0x49, 0x05);
        Distance(shapes);
    }

    /// <summary>Gives the tile registers up.</summary>
    public void Tilerelease() => Emit(0xC4, 0xE2, 0x78, 0x49, 0xC0);

    /// <summary>Loads a tile whose rows lie a stride apart.</summary>
    public void Tileloadd(Tmm to, Address first, Gpr stride) => TileInMemory(PrefixF2, to, first, stride);

    /// <summary>Stores a tile's rows a stride apart.</summary>
    public void Tilestored(Address first, Gpr stride, Tmm from) => TileInMemory(PrefixF3, from, first, stride);

    /// <summary>fp32 [M, N] += bf16 [M, 2K] · bf16 [K, N, 2] (AMX_BF16).</summary>
    public void Tdpbf16ps(Tmm sums, Tmm left, Tmm right) =>
        Emit(0xC4, 0xE2, (byte)(((~right.Number & 15) << 3) | PrefixF3), 0x5C, (byte)(0xC0 | (sums.Number << 3) | left.Number));

    /// <summary>Bytes that are no instructions.</summary>
    public void Data(ReadOnlySpan<byte> bytes) => Emit(bytes);

    /// <summary>A register and a place whose rows are a stride apart: the stride is the index, times one.</summary>
    private void TileInMemory(int prefix, Tmm tile, Address first, Gpr stride)
    {
        var extended = ((int)stride >= 8 ? 0 : 1 << 6) | ((int)first.Base >= 8 ? 0 : 1 << 5);
        Emit(0xC4, (byte)(0x80 | extended | 2), (byte)(0x78 | prefix), 0x4B);
        Operand(tile.Number, first, 1, index: stride);
    }
}
