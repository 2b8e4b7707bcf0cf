using Orca.Serving.Requests;

namespace Orca.Serving.Checkpoints;

/// <summary>Names that stand for different versions at different times.</summary>
internal sealed class VersionLabels(VersionRegistry versions)
{
    /// <summary>The version a label stands for now.</summary>
    /// <exception cref="GenerationException">There is no such label, or it stands for no version.</exception>
    public long Resolve(string label) => label switch
    {
        "stable" => Found(
            versions.List().Where(record => record.State == VersionState.Active).MaxBy(record => record.TrafficPercent), label),
        "latest" => Found(versions.List().FirstOrDefault(record => record.State is VersionState.Active or VersionState.Ready), label),
        "previous" => Found(Previous(), label),
        "canary" => Found(Canary(), label),
        _ => throw GenerationException.Invalid("weight_policy.version_label", $"is '{label}'; give stable, latest, previous or canary"),
    };

    /// <summary>Of those that are loaded and have answered before, the one that began last.</summary>
    private VersionRecord? Previous() =>
        versions.List().Where(record => record is { State: VersionState.Ready, Activated: not null }).MaxBy(record => record.Activated);

    /// <summary>Of those that answer beside the stable one, the newest.</summary>
    private VersionRecord? Canary()
    {
        var stable = versions.Active?.Number;
        return versions.List().FirstOrDefault(record => record.State == VersionState.Active && record.TrafficPercent > 0 && record.Number != stable);
    }

    private static long Found(VersionRecord? record, string label) => record?.Number ?? throw new GenerationException(
        Failure.VersionNotReady, $"No version is '{label}' now.")
    { Subject = label };
}
