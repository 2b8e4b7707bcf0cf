using System.Collections.Immutable;
using System.Text.Json;
using Orca.Cli.Configuration;

namespace Orca.Cli.Experimenting;

/// <summary>One arm of an experiment: how its students differ from those of the others.</summary>
internal sealed record ExperimentArm
{
    /// <summary>Settings by their dotted keys, over those that all arms share.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Settings { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>System messages that questions are asked with, each as often as the others; the built-in ones where absent.</summary>
    public ImmutableArray<string>? Messages { get; init; }

    /// <summary>Share of the experiment's training steps, above 0 up to 1.</summary>
    public double Steps { get; init; } = 1;

    /// <summary>A setting's value as a flag has it.</summary>
    public static string TextOf(JsonElement value) => ListText.Scalar(value) ?? value.GetRawText();
}
