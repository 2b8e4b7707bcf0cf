namespace Orca.Model.Network;

/// <summary>
/// How a model's rotary frequencies are stretched beyond the length it was first trained on. The formulas are those of
/// transformers' modeling_rope_utils.py (https://github.com/huggingface/transformers), computed here in double.
/// </summary>
public abstract record RopeScaling
{
    private RopeScaling()
    {
    }

    /// <summary>The type's name in config.json.</summary>
    public abstract string Name { get; }

    /// <summary>What cosines and sines are multiplied by.</summary>
    public virtual double AttentionFactor => 1;

    /// <summary>Whether the frequencies change with the length of the sequence, from some length on.</summary>
    internal virtual bool ChangesWith(int length) => false;

    /// <summary>The angle per position of one pair, in a sequence of <paramref name="length"/> tokens.</summary>
    /// <param name="pair">Index of the pair, 0..<paramref name="pairs"/>-1.</param>
    /// <param name="pairs">Half of the head dimension.</param>
    /// <param name="theta">The base of the unscaled frequencies.</param>
    /// <param name="length">Tokens of the sequence up to and with this one.</param>
    internal abstract double Frequency(int pair, int pairs, double theta, int length);

    /// <summary>Unscaled: theta^(-pair/pairs).</summary>
    internal static double Unscaled(int pair, int pairs, double theta) => Math.Pow(theta, -(double)pair / pairs);

    /// <summary>All positions are divided by the factor (https://kaiokendev.github.io/til, arXiv 2306.15595).</summary>
    public sealed record Linear(double Factor) : RopeScaling
    {
        /// <inheritdoc/>
        public override string Name => "linear";

        internal override double Frequency(int pair, int pairs, double theta, int length) => Unscaled(pair, pairs, theta) / Factor;
    }

    /// <summary>
    /// The base grows with the sequence once it is longer than the model was trained on. A token is rotated by the base of
    /// the sequence that ends with it, as in decoding one token at a time; so a key never changes once it is cached.
    /// </summary>
    public sealed record Dynamic(double Factor, int OriginalMaxPositions) : RopeScaling
    {
        /// <inheritdoc/>
        public override string Name => "dynamic";

        internal override bool ChangesWith(int length) => length > OriginalMaxPositions;

        internal override double Frequency(int pair, int pairs, double theta, int length)
        {
            if (length <= OriginalMaxPositions || pairs == 1)
            {
                return Unscaled(pair, pairs, theta);
            }

            var stretch = (Factor * length / OriginalMaxPositions) - (Factor - 1);
            return Unscaled(pair, pairs, theta * Math.Pow(stretch, pairs / (pairs - 1.0)));
        }
    }

    /// <summary>Llama 3.1: long wavelengths are divided by the factor, short ones kept, those between blended.</summary>
    public sealed record Llama3(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalMaxPositions) : RopeScaling
    {
        /// <inheritdoc/>
        public override string Name => "llama3";

        internal override double Frequency(int pair, int pairs, double theta, int length)
        {
            var frequency = Unscaled(pair, pairs, theta);
            var wavesInOriginal = OriginalMaxPositions * frequency / (2 * Math.PI);
            var kept = Math.Clamp((wavesInOriginal - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor), 0, 1);
            return (kept * frequency) + ((1 - kept) * frequency / Factor);
        }
    }

    /// <summary>
    /// YaRN (arXiv 2309.00071): pairs that turn more than <see cref="BetaFast"/> times within the original length are kept, those that
    /// turn less than <see cref="BetaSlow"/> times are divided by the factor, those between blended by their index.
    /// </summary>
    public sealed record Yarn(double Factor, int OriginalMaxPositions) : RopeScaling
    {
        /// <inheritdoc/>
        public override string Name => "yarn";

        /// <inheritdoc/>
        public override double AttentionFactor => GivenAttentionFactor ?? Magnitude(Factor, 1);

        /// <summary><see cref="AttentionFactor"/> where it is another than 0.1·ln(factor) + 1; else null.</summary>
        public double? GivenAttentionFactor { get; init; }

        /// <summary>Turns from which a pair is kept.</summary>
        public double BetaFast { get; init; } = 32;

        /// <summary>Turns up to which a pair is divided.</summary>
        public double BetaSlow { get; init; } = 1;

        /// <summary>Whether the indices between which pairs are blended are rounded outwards to whole ones.</summary>
        public bool Truncates { get; init; } = true;

        /// <summary>0.1·m·ln(scale) + 1 above a scale of 1, else 1.</summary>
        internal static double Magnitude(double scale, double m) => scale <= 1 ? 1 : (0.1 * m * Math.Log(scale)) + 1;

        internal override double Frequency(int pair, int pairs, double theta, int length)
        {
            var frequency = Unscaled(pair, pairs, theta);
            var (low, high) = (PairOf(BetaFast, pairs, theta), PairOf(BetaSlow, pairs, theta));
            if (Truncates)
            {
                (low, high) = (Math.Floor(low), Math.Ceiling(high));
            }

            (low, high) = (Math.Max(low, 0), Math.Min(high, (2 * pairs) - 1));
            high = low == high ? high + 0.001 : high;
            var divided = Math.Clamp((pair - low) / (high - low), 0, 1);
            return (frequency / Factor * divided) + (frequency * (1 - divided));
        }

        // The pair, as a broken number, that turns so often within the original length.
        private double PairOf(double turns, int pairs, double theta) =>
            pairs * Math.Log(OriginalMaxPositions / (turns * 2 * Math.PI)) / Math.Log(theta);
    }
}
