namespace Orca.Model.Network;

/// <summary>How a model's rotary frequencies are stretched beyond the length it was first trained on.</summary>
public abstract record RopeScaling
{
    private RopeScaling()
    {
    }

    /// <summary>The type's name in config.json.</summary>
    public abstract string Name { get; }

    /// <summary>The angle per position of one pair, in a sequence of <paramref name="length"/> tokens.</summary>
    /// <param name="pair">Index of the pair, 0..<paramref name="pairs"/>-1.</param>
    /// <param name="pairs">Half of the head dimension.</param>
    /// <param name="theta">The base of the unscaled frequencies.</param>
    /// <param name="length">Tokens of the sequence up to and with this one.</param>
    /// <param name="maxPositions">The model's max_position_embeddings.</param>
    internal abstract double Frequency(int pair, int pairs, double theta, int length, int maxPositions);

    /// <summary>Unscaled: theta^(-pair/pairs).</summary>
    internal static double Unscaled(int pair, int pairs, double theta) => Math.Pow(theta, -(double)pair / pairs);

    /// <summary>All positions are divided by the factor.</summary>
    public sealed record Linear(double Factor) : RopeScaling
    {
        /// <inheritdoc/>
        public override string Name => "linear";

        internal override double Frequency(int pair, int pairs, double theta, int length, int maxPositions) =>
            Unscaled(pair, pairs, theta) / Factor;
    }

    /// <summary>
    /// The base grows with the sequence once it is longer than the model's positions. A token is rotated by the base of
    /// the sequence that ends with it, as in decoding one token at a time; so a key never changes once it is cached.
    /// </summary>
    public sealed record Dynamic(double Factor) : RopeScaling
    {
        /// <inheritdoc/>
        public override string Name => "dynamic";

        internal override double Frequency(int pair, int pairs, double theta, int length, int maxPositions)
        {
            if (length <= maxPositions || pairs == 1)
            {
                return Unscaled(pair, pairs, theta);
            }

            var stretch = (Factor * length / maxPositions) - (Factor - 1);
            return Unscaled(pair, pairs, theta * Math.Pow(stretch, pairs / (pairs - 1.0)));
        }
    }

    /// <summary>Llama 3.1: long wavelengths are divided by the factor, short ones kept, those between blended.</summary>
    public sealed record Llama3(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalMaxPositions) : RopeScaling
    {
        /// <inheritdoc/>
        public override string Name => "llama3";

        internal override double Frequency(int pair, int pairs, double theta, int length, int maxPositions)
        {
            var frequency = Unscaled(pair, pairs, theta);
            var wavesInOriginal = OriginalMaxPositions * frequency / (2 * Math.PI);
            var kept = Math.Clamp((wavesInOriginal - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor), 0, 1);
            return (kept * frequency) + ((1 - kept) * frequency / Factor);
        }
    }
}
