namespace Orca.Serving.Checkpoints;

/// <summary>What a count of events among trials says about their probability.</summary>
internal static class Binomial
{
    /// <summary>Probability of at least so many events in so many trials of probability <paramref name="share"/>.</summary>
    public static double AtLeast(long events, long trials, double share)
    {
        if (events <= 0 || share >= 1)
        {
            return 1;
        }

        if (share <= 0)
        {
            return 0;
        }

        // From the term of `events` on, each from the one before; the sum ends where terms no longer count.
        var term = Math.Exp(LogChoose(trials, events) + (events * Math.Log(share)) + ((trials - events) * Math.Log(1 - share)));
        var sum = term;
        for (var k = events; k < trials && term > sum * 1e-12; k++)
        {
            term *= (double)(trials - k) / (k + 1) * (share / (1 - share));
            sum += term;
        }

        return Math.Min(1, sum);
    }

    /// <summary>Wilson's lower bound of a share.</summary>
    public static double Lower(long events, long trials, double sigmas) => Bound(events, trials, sigmas, -1);

    /// <summary>Wilson's upper bound of a share.</summary>
    public static double Upper(long events, long trials, double sigmas) => Bound(events, trials, sigmas, 1);

    private static double Bound(long events, long trials, double sigmas, int side)
    {
        if (trials == 0)
        {
            return side < 0 ? 0 : 1;
        }

        double n = trials, share = events / n, squared = sigmas * sigmas;
        var middle = share + (squared / (2 * n));
        var half = sigmas * Math.Sqrt((share * (1 - share) / n) + (squared / (4 * n * n)));
        return Math.Clamp((middle + (side * half)) / (1 + (squared / n)), 0, 1);
    }

    private static double LogChoose(long n, long k)
    {
        var sum = 0.0;
        for (var i = 1L; i <= Math.Min(k, n - k); i++)
        {
            sum += Math.Log((double)(n - Math.Min(k, n - k) + i) / i);
        }

        return sum;
    }
}
