using System.Text.Json;

namespace Orca.Streams.Tasks.Records;

/// <summary>The bytes of a JSON value as text.</summary>
internal static class JsonText
{
    /// <summary>
    /// Of a text what stands between its quotation marks, without escapes; a number or a word as it is written; of null nothing.
    /// </summary>
    /// <param name="raw">The value, valid JSON.</param>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> raw)
    {
        if (raw is not [(byte)'"', .. var inner, (byte)'"'])
        {
            return raw.SequenceEqual("null"u8) ? default : raw;
        }

        if (!inner.Contains((byte)'\\'))
        {
            return inner;
        }

        var reader = new Utf8JsonReader(raw);
        reader.Read();
        var text = new byte[raw.Length];
        return text.AsSpan(0, reader.CopyString(text));
    }
}
