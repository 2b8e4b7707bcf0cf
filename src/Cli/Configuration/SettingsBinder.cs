using System.Collections.Immutable;

namespace Orca.Cli.Configuration;

/// <summary>Makes settings out of layered values, later ones winning, and gathers every fault before it gives up.</summary>
internal static class SettingsBinder
{
    /// <summary>The settings the values describe.</summary>
    /// <param name="values">From the weakest layer to the strongest: file, variables, flags.</param>
    /// <exception cref="SettingsException">Any value is unknown, of the wrong form or out of its range.</exception>
    public static OrcaSettings Bind(IEnumerable<SettingValue> values)
    {
        var settings = new OrcaSettings();
        var faults = ImmutableArray.CreateBuilder<string>();
        var winners = new Dictionary<KnownSetting, SettingValue>();
        foreach (var value in values)
        {
            if (KnownSetting.Find(value.Key) is { } known)
            {
                winners[known] = value;
            }
            else
            {
                faults.Add(Unknown(value));
            }
        }

        foreach (var known in KnownSetting.All)
        {
            if (winners.TryGetValue(known, out var value) && Apply(settings, known, value) is { } fault)
            {
                faults.Add(fault);
            }
        }

        // A value that could not be read has left its default in place, so the whole can be checked all the same.
        faults.AddRange(SettingsCheck.Faults(settings));
        return faults.Count == 0 ? settings : throw new SettingsException(faults.ToImmutable());
    }

    private static string? Apply(OrcaSettings settings, KnownSetting known, SettingValue value)
    {
        var (parsed, expected) = SettingParser.Parse(known.Property.PropertyType, known.Description, value);
        if (expected is not null)
        {
            return $"Setting '{known.Key}' is '{value.Text}' ({value.Origin}); expected {expected}.";
        }

        known.Property.SetValue(known.HolderIn(settings), parsed);
        return null;
    }

    private static string Unknown(SettingValue value) => KnownSetting.IsSection(value.Key)
        ? $"Setting '{value.Key}' ({value.Origin}) is a section, not a value; expected an object with its keys, such as "
            + $"'{KnownSetting.Nearest(value.Key + ".")}'."
        : $"Setting '{value.Key}' ({value.Origin}) does not exist; did you mean '{KnownSetting.Nearest(value.Key)}'?";
}
