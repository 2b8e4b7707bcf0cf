using Orca.Model.Native;
using static TorchSharp.torch;

namespace Orca.Cli.Doctor;

/// <summary>Whether products are equal to the bit wherever their operands lie: what makes two equal runs equal.</summary>
internal static class AlignmentTest
{
    /// <summary>Tries it in fp32 and bf16.</summary>
    public static IEnumerable<Finding> Findings(string section, Device device)
    {
        foreach (var (format, name) in new[] { (ScalarType.Float32, "fp32"), (ScalarType.BFloat16, "bf16") })
        {
            var differing = ProductAlignment.Differing(format, device);
            yield return new Finding(section, $"same bits, {name}", differing.Count == 0
                ? "products are equal to the bit wherever their operands lie"
                : $"{string.Join(", ", differing)} differ by where operands lie; unset {TorchRuntime.OrderOfSumsVariable}, or set it to "
                    + "AUTO",
                differing.Count == 0);
        }
    }
}
