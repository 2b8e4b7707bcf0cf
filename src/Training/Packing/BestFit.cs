namespace Orca.Training.Packing;

/// <summary>Chooses the lengths that fill a gap best.</summary>
public static class BestFit
{
    /// <summary>
    /// The lengths whose sum comes nearest to <paramref name="space"/> without exceeding it, as ascending indices into
    /// <paramref name="lengths"/>. Of equal sums the one with longer members wins, since short lessons fill later gaps; of equal
    /// lengths the earlier.
    /// </summary>
    /// <remarks>Exact: a subset sum over all lengths, at most lengths × space additions, and it stops at a full row.</remarks>
    public static IReadOnlyList<int> Choose(IReadOnlyList<int> lengths, int space)
    {
        var longestFirst = Enumerable.Range(0, lengths.Count)
            .Where(index => lengths[index] > 0 && lengths[index] <= space)
            .OrderByDescending(index => lengths[index])
            .ToArray();

        // lastOf[sum]: the length that completed this sum when it was first reached; what precedes it is lastOf[sum - length].
        var lastOf = new int[space + 1];
        Array.Fill(lastOf, -1);
        var reached = 0;
        foreach (var index in longestFirst)
        {
            var length = lengths[index];
            for (var sum = Math.Min(space, reached + length); sum >= length; sum--)
            {
                if (lastOf[sum] < 0 && (sum == length || lastOf[sum - length] >= 0))
                {
                    lastOf[sum] = index;
                    reached = Math.Max(reached, sum);
                }
            }

            if (reached == space)
            {
                break;
            }
        }

        var chosen = new List<int>();
        for (var sum = reached; sum > 0; sum -= lengths[lastOf[sum]])
        {
            chosen.Add(lastOf[sum]);
        }

        chosen.Sort();
        return chosen;
    }
}
