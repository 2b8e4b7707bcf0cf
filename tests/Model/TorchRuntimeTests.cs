using Orca.Model.Native;
using TorchSharp;

namespace Orca.Model.Tests;

public class TorchRuntimeTests
{
    [Fact]
    public void Libtorch_is_mapped_once_and_computes()
    {
        using var a = torch.ones(2, 3);
        using var product = a.mm(a.t());
        Assert.Equal(3f, product[0, 0].item<float>());

        var mapped = File.ReadLines("/proc/self/maps")
            .Where(line => line.EndsWith("/libtorch_cpu.so", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..])
            .Distinct();
        Assert.Equal([Path.Combine(TorchRuntime.Folder, "libtorch_cpu.so")], mapped);
    }
}
