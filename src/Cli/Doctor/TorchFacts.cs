using Orca.Model.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Orca.Cli.Doctor;

/// <summary>The tensor library, its devices and what they can hold.</summary>
internal static class TorchFacts
{
    private const string Section = "libtorch";

    private static readonly ScalarType[] Formats = [ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float16, ScalarType.Int8];

    public static IEnumerable<Finding> Findings(Device device)
    {
        yield return new Finding(Section, "version", __version__);
        yield return new Finding(Section, "loaded from", TorchRuntime.Folder);
        yield return new Finding(Section, "devices", cuda.is_available() ? $"cpu, cuda ({cuda.device_count()})" : "cpu");
        yield return new Finding(
            Section, "threads", $"{get_num_threads()} for one operator, {get_num_interop_threads()} between operators");
        foreach (var format in Formats)
        {
            yield return Holds(format, device);
        }
    }

    private static Finding Holds(ScalarType format, Device device)
    {
        var name = $"{format} on {device.type.ToString().ToLowerInvariant()}";
        try
        {
            using var scope = NewDisposeScope();
            var sum = ones(4, dtype: format, device: device).to(ScalarType.Float32).sum().cpu().item<float>();
            return new Finding(Section, name, sum == 4 ? "yes" : $"wrong: four ones sum to {sum}", sum == 4);
        }
        catch (System.Runtime.InteropServices.ExternalException e)
        {
            return new Finding(Section, name, $"fails: {e.Message.Split('\n')[0]}", Passed: false);
        }
    }
}
