namespace Orca.Evaluation.Statistics;

/// <summary>Finds where a rising function passes zero, by halving the range: slow, and never wrong.</summary>
internal static class Bisection
{
    public static double Root(Func<double, double> rising, double low, double high)
    {
        while (true)
        {
            var middle = low + ((high - low) / 2);
            if (middle <= low || middle >= high)
            {
                return middle;
            }

            (low, high) = rising(middle) < 0 ? (middle, high) : (low, middle);
        }
    }
}
