using Orca.Serving.Requests;

namespace Orca.Serving.Checkpoints;

/// <summary>Names that stand for different versions at different times.</summary>
internal sealed class VersionLabels(VersionRegistry versions)
{
    /// <summary>The version a label stands for now.</summary>
    /// <exception cref="GenerationException">There is no such label, or it stands for no version.</exception>
    public long Resolve(string label) => label switch
    {
        "stable" => Found(versions.List().Where(record => record.State == VersionState.Active).MaxBy(record => record.TrafficPercent), label),
        "latest" => Found(versions.List().FirstOrDefault(record => record.State is VersionState.Active or VersionState.Ready), label),
        "canary" => Found(versions.List().FirstOrDefault(record => record.TrafficPercent is > 0 and < 50), label),
        _ => throw GenerationException.Invalid("weight_policy.version_label", $"is '{label}'; give stable, canary or latest"),
    };

    private static long Found(VersionRecord? record, string label) => record?.Number ?? throw new GenerationException(
        Failure.VersionNotReady, $"No version is '{label}' now.")
    { Subject = label };
}
