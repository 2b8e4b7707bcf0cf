using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Orca.Model.Native;

namespace Orca.Model.Tests;

public class GlibcxxNeedTests
{
    private const int WeakFlag = 2;

    [Fact]
    public void The_native_library_insists_on_no_newer_libstdcxx_than_Debian_12_has()
    {
        var needs = Needs(File.ReadAllBytes(Path.Combine(TorchRuntime.Folder, "libLibTorchSharp.so")));

        Assert.Contains(needs, need => need.Name == "GLIBCXX_3.4.32" && need.IsWeak);
        Assert.All(needs.Where(need => need.Name.StartsWith("GLIBCXX_3.4.", StringComparison.Ordinal)), need => Assert.True(
            need.IsWeak || int.Parse(need.Name["GLIBCXX_3.4.".Length..], CultureInfo.InvariantCulture) <= 30, $"{need.Name} is needed"));
    }

    /// <summary>
    /// The versions that a library needs of others, from the section headers of ELF64: each Verneed has a list of Vernaux.
    /// </summary>
    private static List<(string Name, bool IsWeak)> Needs(byte[] image)
    {
        ulong Long(long at) => BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan((int)at));
        uint Int(long at) => BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan((int)at));
        ushort Short(long at) => BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan((int)at));
        string Text(long at) => Encoding.ASCII.GetString(image.AsSpan((int)at, image.AsSpan((int)at).IndexOf((byte)0)));

        const uint versionNeeds = 0x6ffffffe;
        const int headerBytes = 64;
        var headers = (long)Long(0x28);
        var header = Enumerable.Range(0, Short(0x3C)).Select(i => headers + (i * headerBytes)).Single(at => Int(at + 4) == versionNeeds);
        var strings = (long)Long(headers + (Int(header + 40) * headerBytes) + 24);
        var needs = new List<(string, bool)>();
        var need = (long)Long(header + 24);
        for (var left = Int(header + 44); left > 0; left--)
        {
            var auxiliary = need + Int(need + 8);
            for (var count = Short(need + 2); count > 0; count--)
            {
                needs.Add((Text(strings + Int(auxiliary + 8)), (Short(auxiliary + 4) & WeakFlag) != 0));
                auxiliary += Int(auxiliary + 12);
            }

            need += Int(need + 12);
        }

        return needs;
    }
}
