namespace Orca.Streams.Tasks.Reasoning;

/// <summary>The draws the families are made of.</summary>
internal static class Draws
{
    public static bool Coin(this Random random) => random.Next(2) == 0;

    public static T Pick<T>(this Random random, IReadOnlyList<T> items) => items[random.Next(items.Count)];

    /// <summary>Distinct items in random order.</summary>
    public static T[] Sample<T>(this Random random, IReadOnlyList<T> items, int count)
    {
        var pool = items.ToArray();
        for (var i = 0; i < count; i++)
        {
            var j = random.Next(i, pool.Length);
            (pool[i], pool[j]) = (pool[j], pool[i]);
        }

        return pool[..count];
    }
}
