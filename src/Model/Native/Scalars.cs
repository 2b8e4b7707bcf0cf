using TorchSharp;

namespace Orca.Model.Native;

/// <summary>Numbers that operators take, held for as long as the process lives.</summary>
/// <remarks>
/// A number given to a TorchSharp operator becomes a temporary <see cref="Scalar"/> with a finalizer, and nothing holds it
/// while the operator runs: a collection at that moment frees it under the operator's hands, which then reads another
/// number or fails ("Expected false to be true … toFloat"). It happens about once in ten thousand steps of a busy server.
/// So on any path that runs often a number is one of these, or a <c>using</c> variable, which lives until its block ends;
/// <c>a + b</c> of two tensors counts as well, since it multiplies b by a temporary 1.
/// </remarks>
public static class Scalars
{
    /// <summary>1.</summary>
    public static Scalar One { get; } = 1;

    /// <summary>Minus infinity.</summary>
    public static Scalar NegativeInfinity { get; } = double.NegativeInfinity;
}
