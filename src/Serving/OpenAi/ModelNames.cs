using System.Globalization;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;

namespace Orca.Serving.OpenAi;

/// <summary>
/// Names of students here: <c>student</c> for the one that traffic goes to, <c>student@7</c> for one version, and
/// <c>student@latest</c>, <c>student@stable</c> and <c>student@canary</c> for what those stand for now.
/// </summary>
internal sealed class ModelNames(VersionRegistry versions, VersionLabels labels)
{
    /// <summary>The one that traffic goes to.</summary>
    public const string Student = "student";

    private const string Owner = "orca";

    /// <summary>The weights a name asks for.</summary>
    /// <exception cref="GenerationException">There is no student of that name.</exception>
    public WeightPolicy PolicyOf(string? name)
    {
        if (name is null or Student)
        {
            return new WeightPolicy();
        }

        var version = name.StartsWith(Student + "@", StringComparison.Ordinal) ? name[(Student.Length + 1)..] : throw Unknown(name);
        return long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new WeightPolicy { PinVersion = versions.Find(number) is { State: VersionState.Active or VersionState.Ready or VersionState.Draining } ? number : throw Unknown(name) }
            : version is "latest" or "stable" or "canary" ? new WeightPolicy { PinVersion = labels.Resolve(version) }
            : throw Unknown(name);
    }

    /// <summary>Every name that can be asked for.</summary>
    public IEnumerable<ModelEntry> List()
    {
        if (versions.Active is { } active)
        {
            yield return EntryOf(Student, active);
        }

        foreach (var record in versions.List().Where(record => record.State is VersionState.Active or VersionState.Ready))
        {
            yield return EntryOf($"{Student}@{record.Number}", record);
        }
    }

    private static ModelEntry EntryOf(string name, VersionRecord record) => new(name, "model", record.Created.ToUnixTimeSeconds(), Owner);

    /// <summary>No student of this name.</summary>
    public static GenerationException Unknown(string name) => new(
        Failure.UnknownVersion,
        $"There is no model named '{name}' here; GET /v1/models lists those there are, '{Student}' is the usual one.")
    { Subject = name };
}
