using System.Collections.Immutable;

namespace Orca.Cli.Configuration;

/// <summary>
/// The settings are not usable. Holds every fault found, each one sentence with key, found value, expectation and remedy.
/// </summary>
internal sealed class SettingsException(ImmutableArray<string> faults) : Exception(string.Join(Environment.NewLine, faults))
{
    /// <summary>The faults, in the order of the settings.</summary>
    public ImmutableArray<string> Faults { get; } = faults;
}
