using TorchSharp;

namespace Orca.Cli.Doctor;

/// <summary>
/// Whether the device computes what it should: every kernel family that Orca leans on, against sums in double in plain C#.
/// </summary>
internal static class SelfTests
{
    private const string Section = "self-test";

    public static IEnumerable<Finding> Findings(torch.Device device)
    {
        yield return Judge("matrix product fp32", 1e-5, () => MatrixTest.Error(torch.ScalarType.Float32, device));
        yield return Judge("matrix product bf16", 1e-2, () => MatrixTest.Error(torch.ScalarType.BFloat16, device));
        yield return Judge("matrix product int8", 0, () => Int8Test.ProductError(device));
        yield return Judge("rounding to int8", 4e-3, () => Int8Test.RoundingError(device));
        yield return Judge("attention, no cache", 1e-5, () => AttentionTest.PackedError(device));
        yield return Judge("attention, cache", 1e-5, () => AttentionTest.CachedError(device));
        foreach (var finding in AlignmentTest.Findings(Section, device))
        {
            yield return finding;
        }
    }

    /// <summary>A finding that passes where the error is within the tolerance.</summary>
    /// <param name="name">What is tried.</param>
    /// <param name="tolerance">Largest error allowed, relative to the largest value expected.</param>
    /// <param name="error">Does it and gives the largest error.</param>
    private static Finding Judge(string name, double tolerance, Func<double> error)
    {
        try
        {
            var found = error();
            var text = FormattableString.Invariant($"largest error {found:E1}, allowed {tolerance:E0}");
            return new Finding(Section, name, text, found <= tolerance);
        }
        catch (Exception e) when (e is System.Runtime.InteropServices.ExternalException or InvalidOperationException or NotSupportedException)
        {
            return new Finding(Section, name, $"fails: {e.Message.Split('\n')[0]}", Passed: false);
        }
    }
}
