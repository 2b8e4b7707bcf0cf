using System.Text;

namespace Orca.Streams.Sieves;

/// <summary>Reads a table of separated values (RFC 4180): cells in quotes may hold separators, line breaks and doubled
/// quotes.</summary>
internal static class Table
{
    /// <summary>The rows of a table; a quote that is never closed holds the rest of the text.</summary>
    public static IEnumerable<IReadOnlyList<string>> Rows(string text, char separator)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var isQuoted = false;
        for (var index = 0; index < text.Length; index++)
        {
            var letter = text[index];
            if (letter == '"' && isQuoted && index + 1 < text.Length && text[index + 1] == '"')
            {
                cell.Append(text[index++]);
            }
            else if (letter == '"' && (isQuoted || cell.Length == 0))
            {
                isQuoted = !isQuoted;
            }
            else if (letter == separator && !isQuoted)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else if (letter == '\n' && !isQuoted)
            {
                cells.Add(cell.ToString());
                cell.Clear();
                yield return cells;
                cells = [];
            }
            else
            {
                cell.Append(letter);
            }
        }

        if (cell.Length > 0 || cells.Count > 0)
        {
            cells.Add(cell.ToString());
            yield return cells;
        }
    }
}
