using System.Buffers.Binary;

namespace Orca.Model.Inference.Cpu.MachineCode;

/// <summary>A general register of x86-64, by its number.</summary>
internal enum Gpr
{
    Rax,
    Rcx,
    Rdx,
    Rbx,
    Rsp,
    Rbp,
    Rsi,
    Rdi,
    R8,
    R9,
    R10,
    R11,
}

/// <summary>A vector register of 512 bits, 0 to 31.</summary>
internal readonly record struct Zmm(int Number);

/// <summary>A place in memory: a register plus an offset in bytes.</summary>
internal readonly record struct Address(Gpr Base, int Offset = 0);

/// <summary>A place in the code that jumps can name before or after it is reached.</summary>
internal sealed class Label
{
    internal int? Place { get; set; }

    internal List<int> Waiting { get; } = [];
}

/// <summary>
/// Writes x86-64 instructions, named by their mnemonics: those that kernels of AVX-512 need and .NET has no intrinsics for,
/// and the few around them. Encodings are those of Intel's Software Developer's Manual, volume 2. Does not know other
/// vector lengths, masks, or index registers of vectors.
/// </summary>
internal sealed partial class Assembler
{
    // The prefix's fields: which table of opcodes, and which of the old prefixes is implied.
    private const int Map0F = 1;
    private const int Map0F38 = 2;
    private const int Map0F3A = 3;
    private const int NoPrefix = 0;
    private const int Prefix66 = 1;
    private const int PrefixF3 = 2;

    private const int WholeVector = 64;
    private const int HalfVector = 32;
    private const int QuarterVector = 16;
    private const int OneWord = 4;

    private readonly List<byte> code = [];

    /// <summary>Bytes written so far.</summary>
    public int Length => code.Count;

    /// <summary>What was written.</summary>
    public byte[] ToArray() => code.ToArray();

    /// <summary>Loads 64 bytes.</summary>
    public void Vmovups(Zmm to, Address from) => Vector(Map0F, NoPrefix, 0x10, to, default, from, WholeVector);

    /// <summary>Stores 64 bytes.</summary>
    public void Vmovups(Address to, Zmm from) => Vector(Map0F, NoPrefix, 0x11, from, default, to, WholeVector);

    /// <summary>Copies a register.</summary>
    public void Vmovdqa32(Zmm to, Zmm from) => Vector(Map0F, Prefix66, 0x6F, to, default, from);

    /// <summary>A word of memory in all 16 places.</summary>
    public void Vpbroadcastd(Zmm to, Address from) => Vector(Map0F38, Prefix66, 0x58, to, default, from, OneWord);

    /// <summary>The low word of a general register in all 16 places.</summary>
    public void Vpbroadcastd(Zmm to, Gpr from) => Vector(Map0F38, Prefix66, 0x7C, to, default, new Zmm((int)from));

    /// <summary>16 fp32: sum += left · right.</summary>
    public void Vfmadd231ps(Zmm sum, Zmm left, Zmm right) => Vector(Map0F38, Prefix66, 0xB8, sum, left, right);

    /// <summary>16 fp32: sum -= left · one fp32 of memory.</summary>
    public void Vfnmadd231ps(Zmm sum, Zmm left, Address word) =>
        Vector(Map0F38, Prefix66, 0xBC, sum, left, word, OneWord, isBroadcast: true);

    /// <summary>16 fp32: left + those of memory.</summary>
    public void Vaddps(Zmm to, Zmm left, Address right) => Vector(Map0F, NoPrefix, 0x58, to, left, right, WholeVector);

    /// <summary>16 fp32: left · right.</summary>
    public void Vmulps(Zmm to, Zmm left, Zmm right) => Vector(Map0F, NoPrefix, 0x59, to, left, right);

    /// <summary>16 fp32: left · one fp32 of memory.</summary>
    public void Vmulps(Zmm to, Zmm left, Address word) => Vector(Map0F, NoPrefix, 0x59, to, left, word, OneWord, isBroadcast: true);

    /// <summary>16 sums of fp32, to each of which the products of two pairs of bf16 are added (AVX512_BF16).</summary>
    public void Vdpbf16ps(Zmm sum, Zmm left, Zmm right) => Vector(Map0F38, PrefixF3, 0x52, sum, left, right);

    /// <summary>
    /// 16 sums of 32 bits, to each of which the products of four unsigned and four signed bytes are added (AVX512_VNNI).
    /// </summary>
    public void Vpdpbusd(Zmm sum, Zmm unsigned, Zmm signed) => Vector(Map0F38, Prefix66, 0x50, sum, unsigned, signed);

    /// <summary>Integers of 32 bits as fp32.</summary>
    public void Vcvtdq2ps(Zmm to, Zmm from) => Vector(Map0F, NoPrefix, 0x5B, to, default, from);

    /// <summary>16 fp16 of memory as fp32.</summary>
    public void Vcvtph2ps(Zmm to, Address from) => Vector(Map0F38, Prefix66, 0x13, to, default, from, HalfVector);

    /// <summary>16 fp16, in the low half of a register, as fp32.</summary>
    public void Vcvtph2ps(Zmm to, Zmm from) => Vector(Map0F38, Prefix66, 0x13, to, default, from);

    /// <summary>16 signed bytes of memory as integers of 32 bits.</summary>
    public void Vpmovsxbd(Zmm to, Address from) => Vector(Map0F38, Prefix66, 0x21, to, default, from, QuarterVector);

    /// <summary>16 unsigned bytes of memory as integers of 32 bits.</summary>
    public void Vpmovzxbd(Zmm to, Address from) => Vector(Map0F38, Prefix66, 0x31, to, default, from, QuarterVector);

    /// <summary>The low halves of 16 words, in the low half of a register.</summary>
    public void Vpmovdw(Zmm to, Zmm from) => Vector(Map0F38, PrefixF3, 0x33, from, default, to);

    /// <summary>Bitwise and.</summary>
    public void Vpandd(Zmm to, Zmm left, Zmm right) => Vector(Map0F, Prefix66, 0xDB, to, left, right);

    /// <summary>Bitwise and with 64 bytes of memory.</summary>
    public void Vpandd(Zmm to, Zmm left, Address right) => Vector(Map0F, Prefix66, 0xDB, to, left, right, WholeVector);

    /// <summary>Bitwise exclusive or; of a register with itself, zeros.</summary>
    public void Vpxord(Zmm to, Zmm left, Zmm right) => Vector(Map0F, Prefix66, 0xEF, to, left, right);

    /// <summary>Adds to a register the bits that two others have both: to |= left &amp; right.</summary>
    public void VpternlogdOrAnd(Zmm to, Zmm left, Zmm right)
    {
        Vector(Map0F3A, Prefix66, 0x25, to, left, right);
        Emit(0xF8);
    }

    /// <summary>Words shifted left.</summary>
    public void Vpslld(Zmm to, Zmm from, byte bits)
    {
        Vector(Map0F, Prefix66, 0x72, new Zmm(6), to, from);
        Emit(bits);
    }

    /// <summary>Words of memory shifted left.</summary>
    public void Vpslld(Zmm to, Address from, byte bits)
    {
        Vector(Map0F, Prefix66, 0x72, new Zmm(6), to, from, WholeVector);
        Emit(bits);
    }

    /// <summary>Words shifted right.</summary>
    public void Vpsrld(Zmm to, Zmm from, byte bits)
    {
        Vector(Map0F, Prefix66, 0x72, new Zmm(2), to, from);
        Emit(bits);
    }

    /// <summary>Halves of words shifted right.</summary>
    public void Vpsrlw(Zmm to, Zmm from, byte bits)
    {
        Vector(Map0F, Prefix66, 0x71, new Zmm(2), to, from);
        Emit(bits);
    }

    /// <summary>Asks for a line of memory, into every level of the cache.</summary>
    public void Prefetcht0(Address line)
    {
        if ((int)line.Base >= 8)
        {
            Emit(0x41);
        }

        Emit(0x0F, 0x18);
        Operand(1, line, 1);
    }

    /// <summary>Loads 8 bytes.</summary>
    public void Mov(Gpr to, Address from)
    {
        Emit(Wide(reg: (int)to, rm: (int)from.Base), 0x8B);
        Operand((int)to, from, 1);
    }

    /// <summary>A constant in the low word; the high one becomes 0.</summary>
    public void Mov(Gpr to, uint constant)
    {
        if ((int)to >= 8)
        {
            Emit(0x41);
        }

        Emit((byte)(0xB8 | ((int)to & 7)));
        Word((int)constant);
    }

    /// <summary>Adds 8 bytes of memory.</summary>
    public void Add(Gpr to, Address from)
    {
        Emit(Wide(reg: (int)to, rm: (int)from.Base), 0x03);
        Operand((int)to, from, 1);
    }

    /// <summary>Adds a constant.</summary>
    public void Add(Gpr to, int constant) => WithConstant(0, to, constant);

    /// <summary>Takes a constant off.</summary>
    public void Sub(Gpr from, int constant) => WithConstant(5, from, constant);

    /// <summary>Compares with a constant, for the jump that follows.</summary>
    public void Cmp(Gpr left, int constant) => WithConstant(7, left, constant);

    /// <summary>Jumps where what was compared is less.</summary>
    public void Jl(Label to) => Jump(0x8C, to);

    /// <summary>Jumps where what was compared is at least as much.</summary>
    public void Jge(Label to) => Jump(0x8D, to);

    /// <summary>Makes this the place that a label names.</summary>
    public void Place(Label label)
    {
        label.Place = Length;
        foreach (var jump in label.Waiting)
        {
            Patch(jump, Length - (jump + sizeof(int)));
        }

        label.Waiting.Clear();
    }

    /// <summary>Clears the upper halves, so that older vector instructions that follow do not wait for them.</summary>
    public void Vzeroupper() => Emit(0xC5, 0xF8, 0x77);

    /// <summary>Returns.</summary>
    public void Ret() => Emit(0xC3);

    private void Vector(int map, int prefix, byte opcode, Zmm reg, Zmm second, Zmm rm)
    {
        Prefix(
            map, prefix, reg.Number, second.Number, extendsIndex: rm.Number >= 16, extendsBase: (rm.Number & 8) != 0, isBroadcast: false);
        Emit(opcode, (byte)(0xC0 | ((reg.Number & 7) << 3) | (rm.Number & 7)));
    }

    private void Vector(int map, int prefix, byte opcode, Zmm reg, Zmm second, Address rm, int bytes, bool isBroadcast = false)
    {
        Prefix(map, prefix, reg.Number, second.Number, extendsIndex: false, extendsBase: (int)rm.Base >= 8, isBroadcast);
        Emit(opcode);
        Operand(reg.Number, rm, bytes);
    }

    /// <summary>The four bytes before every instruction of AVX-512: registers' upper bits, inverted, and the length of 512 bits.</summary>
    private void Prefix(int map, int prefix, int reg, int second, bool extendsIndex, bool extendsBase, bool isBroadcast)
    {
        Emit(0x62);
        Emit((byte)(Unless((reg & 8) != 0, 7) | Unless(extendsIndex, 6) | Unless(extendsBase, 5) | Unless(reg >= 16, 4) | map));
        Emit((byte)(((~second & 15) << 3) | 4 | prefix));
        Emit((byte)((2 << 5) | (isBroadcast ? 1 << 4 : 0) | Unless(second >= 16, 3)));

        static int Unless(bool set, int bit) => set ? 0 : 1 << bit;
    }

    /// <summary>
    /// Register and place in memory, an index register added where there is one; offsets that are whole multiples of what is read
    /// take one byte.
    /// </summary>
    private void Operand(int reg, Address memory, int bytes, Gpr? index = null)
    {
        // In the place of a base or an index this number says that there is none.
        const int None = (int)Gpr.Rsp;
        var (quotient, rest) = Math.DivRem(memory.Offset, bytes);
        var isShort = rest == 0 && quotient is >= sbyte.MinValue and <= sbyte.MaxValue;
        var mode = memory.Offset == 0 && memory.Base != Gpr.Rbp ? 0 : isShort ? 1 : 2;
        var hasIndexByte = index is not null || memory.Base == Gpr.Rsp;
        Emit((byte)((mode << 6) | ((reg & 7) << 3) | (hasIndexByte ? None : (int)memory.Base & 7)));
        if (hasIndexByte)
        {
            Emit((byte)((((int)(index ?? Gpr.Rsp) & 7) << 3) | ((int)memory.Base & 7)));
        }

        if (mode == 1)
        {
            Emit((byte)quotient);
        }
        else if (mode == 2)
        {
            Word(memory.Offset);
        }
    }

    private static byte Wide(int reg, int rm) => (byte)(0x48 | (reg >= 8 ? 4 : 0) | (rm >= 8 ? 1 : 0));

    private void WithConstant(int operation, Gpr register, int constant)
    {
        Emit(Wide(reg: 0, rm: (int)register), 0x81, (byte)(0xC0 | (operation << 3) | ((int)register & 7)));
        Word(constant);
    }

    private void Jump(byte condition, Label to)
    {
        Emit(0x0F, condition);
        Distance(to);
    }

    /// <summary>Four bytes: how far it is from their end to a label.</summary>
    private void Distance(Label to)
    {
        var at = Length;
        Word(0);
        if (to.Place is { } place)
        {
            Patch(at, place - Length);
        }
        else
        {
            to.Waiting.Add(at);
        }
    }

    private void Word(int value)
    {
        var at = Length;
        Emit(0, 0, 0, 0);
        Patch(at, value);
    }

    private void Emit(params ReadOnlySpan<byte> bytes) => code.AddRange(bytes);

    private void Patch(int at, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        for (var i = 0; i < bytes.Length; i++)
        {
            code[at + i] = bytes[i];
        }
    }
}
