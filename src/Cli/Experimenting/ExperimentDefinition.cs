using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orca.Cli.Commands;
using Orca.Cli.Configuration;

namespace Orca.Cli.Experimenting;

/// <summary>An experiment as it is written down: a question, and arms that differ in nothing but the settings named.</summary>
internal sealed record ExperimentDefinition
{
    private static readonly ImmutableArray<string> Own = ["run.roles", "run.seed", "run.maxSteps", "run.folder"];

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>What it is to tell.</summary>
    public required string Question { get; init; }

    /// <summary>What is known of it from elsewhere; null for nothing.</summary>
    public string? Published { get; init; }

    /// <summary>Settings that all arms share, by their dotted keys.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Settings { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>The arms by name, two or more.</summary>
    public required OrderedDictionary<string, ExperimentArm> Arms { get; init; }

    /// <summary>Pairs of arms that are compared, the one expected to be better first.</summary>
    public required ImmutableArray<ImmutableArray<string>> Compare { get; init; }

    /// <summary>Reads one.</summary>
    /// <param name="json">Its text.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <exception cref="CommandException">It is none.</exception>
    /// <exception cref="SettingsException">It sets what there is not.</exception>
    public static ExperimentDefinition Parse(string json, string name)
    {
        try
        {
            var definition = JsonSerializer.Deserialize<ExperimentDefinition>(json, Form) ?? throw new JsonException("it is empty.");
            definition.CheckNothingIsNull();
            definition.Check(name);
            return definition;
        }
        catch (JsonException fault)
        {
            throw new CommandException(
                $"'{name}' is no experiment: {fault.Message} 'orca experiment explanations --print' shows the form of one.", fault);
        }
    }

    /// <summary>What a student of an arm is trained by, over the user's own settings.</summary>
    public ImmutableSortedDictionary<string, string> SettingsOf(string arm) => ImmutableSortedDictionary<string, string>.Empty
        .SetItems(Settings.Concat(Arms[arm].Settings)
            .Select(pair => KeyValuePair.Create(KeyOf(pair.Key), ExperimentArm.TextOf(pair.Value))));

    /// <summary>Whether students of an arm are asked themselves while they learn, and so are served.</summary>
    public bool AsksStudent(string arm) =>
        BoundOf(arm).Curriculum is { AskStudentFirst: true } or { PracticeLessons: > 0 };

    private OrcaSettings BoundOf(string arm, string? source = null) => SettingsBinder.Bind(
        SettingsOf(arm).Select(pair => SettingValue.FromText(pair.Key, pair.Value, source ?? arm)));

    // Letter case means nothing in a setting's key.
    private static string KeyOf(string key) => KnownSetting.Find(key)?.Key ?? key;

    private void CheckNothingIsNull()
    {
        var nothing = Question is null ? "question"
            : Settings is null ? "settings"
            : Arms is null || Arms.Values.Any(arm => arm?.Settings is null) ? "arms"
            : Compare.IsDefault || Compare.Any(pair => pair.IsDefault || pair.Contains(null!)) ? "compare"
            : null;
        if (nothing is not null)
        {
            throw new JsonException($"'{nothing}' holds null.");
        }
    }

    private void Check(string name)
    {
        if (Arms.Count < 2)
        {
            throw new CommandException($"'{name}' has {Arms.Count} arms; give two or more.");
        }

        if (Arms.FirstOrDefault(arm => arm.Value.Steps is not (> 0 and <= 1)) is { Key: { } odd })
        {
            throw new CommandException($"Arm '{odd}' of '{name}' has a share of steps of {Arms[odd].Steps}; give one above 0, up to 1.");
        }

        if (Arms.FirstOrDefault(arm => arm.Value.Messages is { } texts && (texts.IsEmpty || texts.Contains(null!))) is { Key: { } mute })
        {
            throw new CommandException($"Arm '{mute}' of '{name}' has messages without a text; give one or more, or leave them away.");
        }

        if (Arms.Keys.SelectMany(arm => SettingsOf(arm).Keys).FirstOrDefault(Own.Contains) is { } own)
        {
            throw new CommandException($"'{name}' sets '{own}', which the experiment itself sets; leave it away.");
        }

        if (Compare.Select(pair => string.Join('\n', pair)).Distinct().Count() < Compare.Length)
        {
            throw new CommandException($"'{name}' compares a pair of arms twice; give each once.");
        }

        if (Compare.IsEmpty || Compare.Any(pair => pair.Length != 2 || pair[0] == pair[1] || !pair.All(Arms.ContainsKey)))
        {
            throw new CommandException(
                $"'{name}' compares {string.Join(", ", Compare.Select(pair => $"[{string.Join(", ", pair)}]"))}; give pairs of its arms "
                    + $"{string.Join(", ", Arms.Keys)}.");
        }

        foreach (var arm in Arms.Keys)
        {
            // Told before anything is trained.
            BoundOf(arm, $"{name}, arm '{arm}'");
        }
    }
}
