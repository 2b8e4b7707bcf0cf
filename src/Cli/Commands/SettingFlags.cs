using System.Collections.Immutable;
using System.CommandLine;
using Orca.Cli.Configuration;

namespace Orca.Cli.Commands;

/// <summary>The flags of a command that override settings, with <c>--settings</c> and <c>--set</c> that every one of them has.</summary>
internal sealed class SettingFlags
{
    private readonly ImmutableArray<SettingFlag> _flags;

    private readonly Option<string?> _file = new("--settings")
    {
        Description = $"The settings file. Default: {SettingsFile.DefaultName} in the current folder, if it is there.",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Overrides any setting, such as training.learningRate=1e-3; may be given several times.",
        HelpName = "KEY=VALUE",
    };

    public SettingFlags(params ReadOnlySpan<SettingFlag> flags) => _flags = [.. flags];

    /// <summary>Gives the command these flags.</summary>
    public void AddTo(Command command)
    {
        foreach (var flag in _flags)
        {
            command.Options.Add(flag.Option);
        }

        command.Options.Add(_file);
        command.Options.Add(_set);
    }

    /// <summary>The settings of this start: file, variables, then these flags.</summary>
    /// <exception cref="SettingsException">Any of it is unusable.</exception>
    public OrcaSettings Load(ParseResult parsed) =>
        SettingsLoader.Load(parsed.GetValue(_file), [.. Pairs(parsed), .. _flags.SelectMany(flag => flag.Read(parsed))]);

    private IEnumerable<SettingValue> Pairs(ParseResult parsed)
    {
        foreach (var pair in parsed.GetValue(_set) ?? [])
        {
            var split = pair.IndexOf('=');
            yield return split > 0
                ? SettingValue.FromText(pair[..split].Trim(), pair[(split + 1)..], "--set")
                : throw new SettingsException([$"Flag --set is '{pair}'; expected KEY=VALUE, such as training.learningRate=1e-3."]);
        }
    }
}
