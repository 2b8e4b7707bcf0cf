using System.Collections.Frozen;
using System.Text;

namespace Orca.Model.Tokenization;

/// <summary>GPT-2's way to write bytes as visible characters: printable ones stand for themselves, the rest for U+0100 and on.</summary>
internal static class ByteLevelText
{
    private static readonly char[] Characters = MakeCharacters();
    private static readonly FrozenDictionary<char, byte> Bytes = Characters.Index().ToFrozenDictionary(c => c.Item, c => (byte)c.Index);

    /// <summary>The character for a byte.</summary>
    public static char CharacterOf(byte value) => Characters[value];

    /// <summary>A text's UTF-8 bytes, as characters.</summary>
    public static string Write(string text) => string.Create(Encoding.UTF8.GetByteCount(text), text, static (written, text) =>
    {
        Span<byte> few = stackalloc byte[128];
        var bytes = written.Length <= few.Length ? few[..written.Length] : new byte[written.Length];
        Encoding.UTF8.GetBytes(text, bytes);
        for (var i = 0; i < written.Length; i++)
        {
            written[i] = Characters[bytes[i]];
        }
    });

    /// <summary>The bytes that such a text stands for; null where it holds another character.</summary>
    public static byte[]? Read(string text)
    {
        var bytes = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            if (!Bytes.TryGetValue(text[i], out bytes[i]))
            {
                return null;
            }
        }

        return bytes;
    }

    private static char[] MakeCharacters()
    {
        var next = (char)256;
        return [.. Enumerable.Range(0, 256).Select(value => value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)value : next++)];
    }
}
