using TorchSharp;

namespace Orca.Cli.Doctor;

/// <summary>
/// Everything the doctor looks at, in order. Each finding is made when it is asked for, so that the report grows while it is read.
/// </summary>
/// <param name="device">Device the rates and the self-test are run on.</param>
/// <param name="runFolder">Folder whose disk is tried.</param>
internal sealed class Examination(torch.Device device, string runFolder)
{
    /// <summary>Looks at one thing after the other.</summary>
    public IEnumerable<Finding> Findings() =>
        PlatformFacts.Findings()
            .Concat(TorchFacts.Findings(device))
            .Concat(Rates.Findings(device))
            .Concat(DiskCheck.Findings(runFolder))
            .Concat(SelfTests.Findings(device));
}
