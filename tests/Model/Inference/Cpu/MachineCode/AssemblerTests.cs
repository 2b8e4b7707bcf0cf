using Orca.Model.Inference.Cpu.MachineCode;
using static Orca.Model.Inference.Cpu.MachineCode.Gpr;

namespace Orca.Model.Tests.Inference.Cpu.MachineCode;

/// <summary>The bytes that GNU as writes for the same instructions.</summary>
public sealed class AssemblerTests
{
    private static readonly Dictionary<string, (Action<Assembler> Write, string Bytes)> Instructions = new()
    {
        ["vmovups zmm1, [rax]"] = (code => code.Vmovups(new Zmm(1), new Address(Rax)), "62f17c481008"),
        ["vmovups zmm30, [r10+192]"] = (code => code.Vmovups(new Zmm(30), new Address(R10, 192)), "62417c48107203"),
        ["vmovups zmm9, [rdx+100]"] = (code => code.Vmovups(new Zmm(9), new Address(Rdx, 100)), "62717c48108a64000000"),
        ["vmovups [r11+64], zmm17"] = (code => code.Vmovups(new Address(R11, 64), new Zmm(17)), "62c17c48114b01"),
        ["vmovdqa32 zmm18, zmm5"] = (code => code.Vmovdqa32(new Zmm(18), new Zmm(5)), "62e17d486fd5"),
        ["vpbroadcastd zmm26, [rdx+20]"] = (code => code.Vpbroadcastd(new Zmm(26), new Address(Rdx, 20)), "62627d48585205"),
        ["vpbroadcastd zmm26, [rdx+508]"] = (code => code.Vpbroadcastd(new Zmm(26), new Address(Rdx, 508)), "62627d4858527f"),
        ["vpbroadcastd zmm26, [rdx+512]"] = (code => code.Vpbroadcastd(new Zmm(26), new Address(Rdx, 512)), "62627d48589200020000"),
        ["vpbroadcastd zmm27, ecx"] = (code => code.Vpbroadcastd(new Zmm(27), Rcx), "62627d487cd9"),
        ["vpbroadcastd zmm3, r9d"] = (code => code.Vpbroadcastd(new Zmm(3), R9), "62d27d487cd9"),
        ["vfmadd231ps zmm23, zmm24, zmm28"] = (code => code.Vfmadd231ps(new Zmm(23), new Zmm(24), new Zmm(28)), "62823d40b8fc"),
        ["vaddps zmm23, zmm23, [r11+64]"] = (code => code.Vaddps(new Zmm(23), new Zmm(23), new Address(R11, 64)), "62c14440587b01"),
        ["vmulps zmm26, zmm25, [rdx+40]{1to16}"] = (code => code.Vmulps(new Zmm(26), new Zmm(25), new Address(Rdx, 40)), "6261345059520a"),
        ["vdpbf16ps zmm7, zmm25, zmm28"] = (code => code.Vdpbf16ps(new Zmm(7), new Zmm(25), new Zmm(28)), "6292364052fc"),
        ["vpdpbusd zmm11, zmm24, zmm26"] = (code => code.Vpdpbusd(new Zmm(11), new Zmm(24), new Zmm(26)), "62123d4050da"),
        ["vcvtdq2ps zmm10, zmm20"] = (code => code.Vcvtdq2ps(new Zmm(10), new Zmm(20)), "62317c485bd4"),
        ["vcvtph2ps zmm24, [rax+1056]"] = (code => code.Vcvtph2ps(new Zmm(24), new Address(Rax, 1056)), "62627d48134021"),
        ["vcvtph2ps zmm24, ymm31"] = (code => code.Vcvtph2ps(new Zmm(24), new Zmm(31)), "62027d4813c7"),
        ["vpmovsxbd zmm25, [rax+48]"] = (code => code.Vpmovsxbd(new Zmm(25), new Address(Rax, 48)), "62627d48214803"),
        ["vpmovdw ymm24, zmm27"] = (code => code.Vpmovdw(new Zmm(24), new Zmm(27)), "62027e4833d8"),
        ["vpandd zmm24, zmm27, zmm9"] = (code => code.Vpandd(new Zmm(24), new Zmm(27), new Zmm(9)), "62412540dbc1"),
        ["vpandd zmm24, zmm27, [rax+128]"] = (code => code.Vpandd(new Zmm(24), new Zmm(27), new Address(Rax, 128)), "62612540db4002"),
        ["vpslld zmm24, [rax+64], 16"] = (code => code.Vpslld(new Zmm(24), new Address(Rax, 64), 16), "62f13d4072700110"),
        ["vpsrld zmm24, zmm25, 16"] = (code => code.Vpsrld(new Zmm(24), new Zmm(25), 16), "62913d4072d110"),
        ["vpsrlw zmm24, zmm8, 4"] = (code => code.Vpsrlw(new Zmm(24), new Zmm(8), 4), "62d13d4071d004"),
        ["prefetcht0 [r10+128]"] = (code => code.Prefetcht0(new Address(R10, 128)), "410f188a80000000"),
        ["prefetcht0 [rax]"] = (code => code.Prefetcht0(new Address(Rax)), "0f1808"),
        ["mov rax, [rdi]"] = (code => code.Mov(Rax, new Address(Rdi)), "488b07"),
        ["mov r10, [rdi+40]"] = (code => code.Mov(R10, new Address(Rdi, 40)), "4c8b5728"),
        ["mov ecx, 0xffff0000"] = (code => code.Mov(Rcx, 0xFFFF_0000), "b90000ffff"),
        ["mov r9d, 0x0f0f0f0f"] = (code => code.Mov(R9, 0x0F0F_0F0F), "41b90f0f0f0f"),
        ["add r11, [rdi+32]"] = (code => code.Add(R11, new Address(Rdi, 32)), "4c035f20"),
        ["add rax, 512"] = (code => code.Add(Rax, 512), "4881c000020000"),
        ["sub rsi, 0x12345678"] = (code => code.Sub(Rsi, 0x1234_5678), "4881ee78563412"),
        ["cmp rsi, 0x12345678"] = (code => code.Cmp(Rsi, 0x1234_5678), "4881fe78563412"),
        ["tileloadd tmm2, [r11+r8*1]"] = (code => code.Tileloadd(new Tmm(2), new Address(R11), R8), "c4827b4b1403"),
        ["tileloadd tmm7, [rax+rcx*1+64]"] = (code => code.Tileloadd(new Tmm(7), new Address(Rax, 64), Rcx), "c4e27b4b7c0840"),
        ["tileloadd tmm4, [rdx+r9*1+1024]"] = (code => code.Tileloadd(new Tmm(4), new Address(Rdx, 1_024), R9), "c4a27b4ba40a00040000"),
        ["tilestored [rsp+rcx*1+192], tmm3"] = (code => code.Tilestored(new Address(Rsp, 192), Rcx, new Tmm(3)), "c4e27a4b9c0cc0000000"),
        ["tdpbf16ps tmm3, tmm5, tmm7"] = (code => code.Tdpbf16ps(new Tmm(3), new Tmm(5), new Tmm(7)), "c4e2425cdd"),
        ["tilerelease"] = (code => code.Tilerelease(), "c4e27849c0"),
        ["vzeroupper"] = (code => code.Vzeroupper(), "c5f877"),
        ["ret"] = (code => code.Ret(), "c3"),
    };

    public static TheoryData<string> Mnemonics => [.. Instructions.Keys];

    [Theory]
    [MemberData(nameof(Mnemonics))]
    public void Instruction_is_encoded_as_the_manual_says(string mnemonic)
    {
        var code = new Assembler();
        Instructions[mnemonic].Write(code);
        Assert.Equal(Instructions[mnemonic].Bytes, Convert.ToHexStringLower(code.ToArray()));
    }

    [Fact]
    public void Shapes_of_tiles_are_found_behind_the_code()
    {
        var code = new Assembler();
        var shapes = new TileShapes();
        shapes.Set(new Tmm(1), 12, 32);
        shapes.Load(code);
        code.Ret();
        shapes.Place(code);
        var bytes = code.ToArray();
        Assert.Equal("c4e2784905" + "01000000" + "c3", Convert.ToHexStringLower(bytes[..10]));
        Assert.Equal((1, 32, 12, 74), (bytes[10], bytes[10 + 18], bytes[10 + 49], bytes.Length));
    }

    [Fact]
    public void Jumps_lead_back_and_forth()
    {
        var code = new Assembler();
        Label start = new(), end = new();
        code.Place(start);
        code.Jl(end);
        code.Jge(start);
        code.Place(end);
        code.Ret();
        Assert.Equal("0f8c06000000" + "0f8df4ffffff" + "c3", Convert.ToHexStringLower(code.ToArray()));
    }
}
