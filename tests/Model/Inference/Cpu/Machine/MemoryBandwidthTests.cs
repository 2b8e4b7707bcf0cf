using Orca.Model.Inference.Cpu.Machine;

namespace Orca.Model.Tests.Inference.Cpu.Machine;

public sealed class MemoryBandwidthTests
{
    // No machine this runs on reads less than one gigabyte a second or more than ten terabytes.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_is_of_the_order_that_memory_has(int threads) => Assert.InRange(MemoryBandwidth.Measure(threads, tries: 2), 1e9, 1e13);

    [Fact]
    public void Nothing_cannot_read() => Assert.Throws<ArgumentOutOfRangeException>(() => MemoryBandwidth.Measure(0));
}
