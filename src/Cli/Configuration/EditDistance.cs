namespace Orca.Cli.Configuration;

/// <summary>How far two words are from each other, for "did you mean".</summary>
internal static class EditDistance
{
    /// <summary>The least number of inserted, deleted and replaced letters that turns one text into the other (Levenshtein).</summary>
    public static int Between(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 0; i < from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 0; j < to.Length; j++)
            {
                var replaced = diagonal + (from[i] == to[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(replaced, Math.Min(row[j], row[j + 1]) + 1);
            }
        }

        return row[^1];
    }
}
