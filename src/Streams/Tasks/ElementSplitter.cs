namespace Orca.Streams.Tasks;

/// <summary>
/// Cuts a JSON list into its elements as its lines come, by nothing but brackets and quotes; what is within is left to the parser.
/// </summary>
internal sealed class ElementSplitter
{
    private readonly List<byte> element = [];
    private int depth;
    private bool inText;
    private bool afterBackslash;
    private long begin;

    /// <summary>Whether the list has ended.</summary>
    public bool IsOver { get; private set; }

    /// <summary>An element that the file's end has cut; null where there is none.</summary>
    public TextLine? Rest => element.Count > 0 ? Element() : null;

    /// <summary>The elements that end in this line.</summary>
    public IEnumerable<TextLine> Split(TextLine line)
    {
        for (var index = 0; index < line.Bytes.Length; index++)
        {
            var letter = line.Bytes.Span[index];
            var wasBetween = depth <= 1 && !inText;
            Follow(letter);
            if (wasBetween && depth <= 1 && (letter is (byte)'[' or (byte)']' or (byte)','))
            {
                IsOver = depth == 0;
                if (letter != '[' && element.Count > 0)
                {
                    yield return Element();
                }

                continue;
            }

            if (element.Count > 0 || letter is not ((byte)' ' or (byte)'\t'))
            {
                begin = element.Count == 0 ? line.Number : begin;
                element.Add(letter);
            }
        }

        if (element.Count > 0)
        {
            element.Add((byte)'\n');
        }
    }

    private void Follow(byte letter)
    {
        if (inText)
        {
            inText = afterBackslash || letter != '"';
            afterBackslash = !afterBackslash && letter == '\\';
            return;
        }

        inText = letter == '"';
        depth += letter switch { (byte)'[' or (byte)'{' => 1, (byte)']' or (byte)'}' => -1, _ => 0 };
    }

    private TextLine Element()
    {
        var bytes = element.ToArray();
        element.Clear();
        return new TextLine(begin, 0, bytes, bytes.Length > TextLines.MaxBytes);
    }
}
