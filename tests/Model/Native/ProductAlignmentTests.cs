using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Model.Tests.Native;

/// <summary>Equal runs are equal to the bit only if a product does not depend on where its operands lie.</summary>
public sealed class ProductAlignmentTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void A_product_is_equal_to_the_bit_wherever_its_operands_lie(ScalarType format) =>
        Assert.Empty(ProductAlignment.Differing(format, CPU));
}
