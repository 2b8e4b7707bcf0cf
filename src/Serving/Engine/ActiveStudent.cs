using System.Collections.Immutable;
using Orca.Model.Network;
using Orca.Serving.Batching;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;

namespace Orca.Serving.Engine;

/// <summary>A loaded version, as other threads may know it: values only.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Language">What stands between texts and its tokens.</param>
/// <param name="Config">Its shape.</param>
/// <param name="ContextTokens">Tokens that prompt and answer may have together.</param>
/// <param name="Slots">Answers that are computed at once at most.</param>
internal sealed record ActiveStudent(long Version, StudentLanguage Language, LlamaConfig Config, int ContextTokens, int Slots)
{
    /// <summary>Bytes of weights that a step reads.</summary>
    public long StepBytes { get; init; }
}

/// <summary>The loaded versions, as other threads may know them.</summary>
/// <param name="Traffic">Which of them answer.</param>
/// <param name="Loaded">All that a request may be bound to, by number.</param>
internal sealed record PublishedVersions(TrafficSplit Traffic, ImmutableDictionary<long, ActiveStudent> Loaded)
{
    /// <summary>None.</summary>
    public static PublishedVersions None { get; } = new(TrafficSplit.None, ImmutableDictionary<long, ActiveStudent>.Empty);

    /// <summary>The version that most traffic goes to; null where none answers.</summary>
    public ActiveStudent? Main => Traffic.Main is { } main ? Loaded.GetValueOrDefault(main) : null;

    /// <summary>The version whose language and context a request is checked against as it arrives.</summary>
    /// <exception cref="GenerationException">None answers, or none the request accepts.</exception>
    public ActiveStudent For(WeightPolicy weights)
    {
        if (weights.PinVersion is { } pinned)
        {
            return Loaded.GetValueOrDefault(pinned) ?? throw new GenerationException(
                Failure.UnknownVersion, $"Version {pinned} is not loaded; those that are: {string.Join(", ", Loaded.Keys.Order())}.")
            {
                Subject = $"{pinned}",
            };
        }

        var main = Main ?? throw new GenerationException(Failure.NoModel, "No version of the student is loaded yet.");
        if (Traffic.Shares.All(share => share.Version < weights.MinVersion))
        {
            throw new GenerationException(
                Failure.VersionNotReady,
                $"The request asks for version {weights.MinVersion} or a later one, and {main.Version} answers; try again when that is "
                    + "loaded.")
            {
                Subject = $"{weights.MinVersion}",
            };
        }

        return main;
    }
}
