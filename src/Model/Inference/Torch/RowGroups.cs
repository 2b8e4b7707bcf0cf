namespace Orca.Model.Inference.Torch;

/// <summary>
/// Divides a step into groups of rows that are computed together, each padded to its longest row: one for rows of a single
/// token, and one for each set of longer rows whose padding costs little.
/// </summary>
internal static class RowGroups
{
    // Another group costs a pass over the weights, about as much as a few dozen tokens of padding.
    private const int CheapPadding = 32;

    /// <summary>Indices of the rows of each group, in the order of their blocks: neighbours are read in place.</summary>
    public static List<int[]> Of(ReadOnlySpan<InferenceRow> rows)
    {
        var lengths = new (int Row, int Tokens, int Block)[rows.Length];
        for (var r = 0; r < rows.Length; r++)
        {
            lengths[r] = (r, rows[r].Tokens.Length, rows[r].Blocks.Span[0]);
        }

        var groups = new List<int[]>();
        var group = new List<(int Row, int Tokens, int Block)>();
        var padding = 0;
        foreach (var row in lengths.OrderByDescending(row => row.Tokens))
        {
            var widest = group.Count > 0 ? group[0].Tokens : 0;
            if (group.Count > 0 && padding + widest - row.Tokens > CheapPadding)
            {
                Close();
            }

            padding += group.Count > 0 ? group[0].Tokens - row.Tokens : 0;
            group.Add(row);
        }

        Close();
        return groups;

        void Close()
        {
            groups.Add([.. group.OrderBy(row => row.Block).Select(row => row.Row)]);
            group.Clear();
            padding = 0;
        }
    }
}
