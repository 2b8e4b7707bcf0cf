using System.Text.Json.Serialization;

namespace Orca.Streams.Curricula.Mixtures;

/// <summary>What decides the shares of collections and tasks in what is asked and taught.</summary>
/// <param name="Kind">How.</param>
/// <param name="Temperature">
/// Of <see cref="MixturePolicyKind.Temperature"/>: shares are as sizes to the power of its inverse; 1 is proportional, without end even.
/// </param>
/// <param name="RandomShare">
/// Of <see cref="MixturePolicyKind.Adaptive"/>: share of the lessons that are drawn evenly for good, by which its gain is told.
/// </param>
public sealed record MixturePolicy(
    MixturePolicyKind Kind, double Temperature = MixturePolicy.DefaultTemperature, double RandomShare = MixturePolicy.DefaultRandomShare)
{
    /// <summary>What <see cref="Temperature"/> is unless it is given: mT5's and T5's experiments lie between 2 and 3.3.</summary>
    public const double DefaultTemperature = 2;

    /// <summary>What <see cref="RandomShare"/> is unless it is given.</summary>
    public const double DefaultRandomShare = 0.1;

    /// <summary>The weights alone decide.</summary>
    public static MixturePolicy Fixed { get; } = new(MixturePolicyKind.Fixed);

    /// <summary>What is wrong with it, one sentence; null where nothing is.</summary>
    internal string? Fault =>
        !Enum.IsDefined(Kind) ? $"There is no policy {(int)Kind}; give one of fixed, proportional, temperature or adaptive."
        : !(Temperature >= 1) ? $"The temperature is {Temperature}; give 1 or more."
        : !(RandomShare is > 0 and <= 1) ? $"The random share is {RandomShare}; give a number above 0, to 1."
        : null;
}

/// <summary>Policies of mixtures.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MixturePolicyKind>))]
public enum MixturePolicyKind
{
    /// <summary>The weights alone.</summary>
    Fixed,

    /// <summary>As many of each as its sources have questions.</summary>
    Proportional,

    /// <summary>Between proportional and even.</summary>
    Temperature,

    /// <summary>More of what the student is gaining on.</summary>
    Adaptive,
}
