using System.Globalization;
using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>
/// Looks at no answer: a number from 0 to 1 drawn from the request's id. A limit of 0.8 rejects a fifth at random, which is what a screen
/// that rejects a fifth has to beat.
/// </summary>
/// <param name="seed">Another seed rejects others.</param>
public sealed class RandomScreen(long seed) : IScreen
{
    /// <summary>Its name.</summary>
    public const string ScreenName = "random";

    /// <inheritdoc/>
    public string Name => ScreenName;

    /// <inheritdoc/>
    public string Settings => string.Create(CultureInfo.InvariantCulture, $"random 1 seed {seed}");

    /// <inheritdoc/>
    public double DefaultLimit => 1;

    /// <inheritdoc/>
    public Measurement Measure(Trace trace) => new(SeededRandom.Of(
        seed, trace.Request.Number).NextDouble());
}
