namespace Orca.Serving.Checkpoints;

/// <summary>When a version that answers does too badly to go on.</summary>
public sealed record TripwireOptions
{
    /// <summary>Whether versions are compared with the one before at all. Default true.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Answers after which a version is taken to be sound. Default 2,000.</summary>
    public int WatchedAnswers { get; init; } = 2_000;

    /// <summary>Failed draws, for want of finite logits, below which nothing is concluded. Default 3.</summary>
    public int MinNonFinite { get; init; } = 3;

    /// <summary>Answers, of both versions each, below which their ends say nothing. Default 30.</summary>
    public int MinAnswers { get; init; } = 30;

    /// <summary>Share of empty answers that a version may have beyond the one before; 0 to 1. Default 0.25.</summary>
    public double MaxEmptyIncrease { get; init; } = 0.25;

    /// <summary>
    /// How many times shorter or longer the answers may get, by their rate of end tokens; above 1. Null, the default: any. A
    /// student in training learns when to stop, and its answers then get a hundred times shorter for the better.
    /// </summary>
    public double? MaxLengthChange { get; init; }

    /// <summary>
    /// Standard deviations by which a difference must exceed its bound, so that one found by chance, in one of the many
    /// looks of a watch, stays far below one version in a thousand. Default 4.
    /// </summary>
    public double Sigmas { get; init; } = 4;
}

/// <summary>Compares a version with the one before it, on counts alone.</summary>
internal static class Tripwires
{
    private const double ByChance = 1e-6;
    private const int FewDraws = 8;

    /// <summary>Why a version should not go on; null where nothing speaks against it.</summary>
    /// <param name="now">What it has done since it took over.</param>
    /// <param name="before">What the version before it had done.</param>
    /// <param name="options">The bounds.</param>
    public static string? Judge(VitalCounts now, VitalCounts before, TripwireOptions options) =>
        JudgeLogits(now, before, options) ?? JudgeAnswers(now, before, options);

    /// <summary>The same by its logits alone.</summary>
    public static string? JudgeLogits(VitalCounts now, VitalCounts before, TripwireOptions options) =>
        options.Enabled ? NonFinite(now, before, options) : null;

    /// <summary>The same by where its answers end alone.</summary>
    public static string? JudgeAnswers(VitalCounts now, VitalCounts before, TripwireOptions options) =>
        options.Enabled ? Empty(now, before, options) ?? Length(now, before, options) : null;

    /// <summary>
    /// A prompt that no version can answer must not cost each of them its place: failed draws count against a version only
    /// where it has more of them than its share of all draws explains, or fails at every other draw.
    /// </summary>
    private static string? NonFinite(VitalCounts now, VitalCounts before, TripwireOptions options)
    {
        if (now.NonFinite < options.MinNonFinite)
        {
            return null;
        }

        var share = (double)now.Draws / (now.Draws + before.Draws);
        var isOften = now.Draws >= FewDraws && now.NonFinite * 2 >= now.Draws && before.NonFinite * 2 < Math.Max(1, before.Draws);
        return isOften || Binomial.AtLeast(now.NonFinite, now.NonFinite + before.NonFinite, share) < ByChance
            ? FormattableString.Invariant($"its logits were not finite in {now.NonFinite} of {now.Draws} draws ({before.NonFinite} of {before.Draws} before)")
            : null;
    }

    private static string? Empty(VitalCounts now, VitalCounts before, TripwireOptions options)
    {
        if (now.Answers < options.MinAnswers || before.Answers < options.MinAnswers)
        {
            return null;
        }

        var least = Binomial.Lower(now.Empty, now.Answers, options.Sigmas);
        var most = Binomial.Upper(before.Empty, before.Answers, options.Sigmas);
        return least > most + options.MaxEmptyIncrease
            ? FormattableString.Invariant($"{now.Empty} of {now.Answers} answers ended with their first token ({before.Empty} of {before.Answers} before)")
            : null;
    }

    /// <summary>By the rate of end tokens, so that answers cut off by a limit count for as far as they came.</summary>
    private static string? Length(VitalCounts now, VitalCounts before, TripwireOptions options)
    {
        if (options.MaxLengthChange is not { } most || now.Answers < options.MinAnswers || before.Answers < options.MinAnswers)
        {
            return null;
        }

        // Half an end more, so that none at all is a small rate instead of no number.
        var change = Math.Log((now.Ends + 0.5) / now.Draws) - Math.Log((before.Ends + 0.5) / before.Draws);
        var deviation = Math.Sqrt((1 / (now.Ends + 0.5)) + (1 / (before.Ends + 0.5)));
        return Math.Abs(change) - (options.Sigmas * deviation) > Math.Log(most)
            ? FormattableString.Invariant($"its answers got {Math.Exp(Math.Abs(change)):0.#} times {(change > 0 ? "shorter" : "longer")} ({now.Ends} ends in {now.Draws} tokens, {before.Ends} in {before.Draws} before)")
            : null;
    }
}
