using System.Runtime.Intrinsics;
using Orca.Model.Inference.Cpu;

namespace Orca.Model.Tests.Inference.Cpu;

public class VectorMathTests
{
    [Fact]
    public void Exponentials_are_right_to_the_last_digits()
    {
        for (var x = -87.3f; x < 88.3f; x += 0.0173f)
        {
            var wanted = Math.Exp(x);
            Assert.Equal(wanted, Of(x), 2.5e-7 * wanted);
        }
    }

    [Theory]
    [InlineData(float.NegativeInfinity, 0)]
    [InlineData(-88f, 0)]
    [InlineData(0f, 1)]
    [InlineData(float.NaN, float.NaN)]
    public void Ends_are_exact(float x, float wanted) => Assert.Equal(wanted, Of(x));

    [Fact]
    public void What_is_too_large_stays_large() => Assert.True(Of(float.PositiveInfinity) > 1e38f);

    private static float Of(float x) => VectorMath.Exp(Vector512.Create(x))[7];
}
