namespace Orca.Streams.Tasks.Records;

/// <summary>
/// Python writes NaN, Infinity and -Infinity into JSON, which knows no such numbers; published tasks hold some, in fields that matter to
/// nobody. They are read as 0.
/// </summary>
internal static class PythonNumbers
{
    /// <summary>Writes 0 and spaces over them, in place: nothing moves. Texts are left alone.</summary>
    /// <returns>Whether there were any.</returns>
    public static bool Erase(Span<byte> json)
    {
        var found = false;
        for (var index = 0; index < json.Length; index++)
        {
            if (json[index] == '"')
            {
                index = EndOfText(json, index);
                continue;
            }

            var word = json[index..] switch
            {
                var rest when rest.StartsWith("NaN"u8) => 3,
                var rest when rest.StartsWith("Infinity"u8) => 8,
                _ => 0,
            };
            if (word > 0)
            {
                json.Slice(index, word).Fill((byte)' ');
                json[index] = (byte)'0';
                found = true;
            }
        }

        return found;
    }

    private static int EndOfText(ReadOnlySpan<byte> json, int quote)
    {
        for (var index = quote + 1; index < json.Length; index++)
        {
            if (json[index] == '\\')
            {
                index++;
            }
            else if (json[index] == '"')
            {
                return index;
            }
        }

        return json.Length;
    }
}
