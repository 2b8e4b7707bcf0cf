using System.Text;
using System.Text.RegularExpressions;

namespace Orca.Model;

/// <summary>What a file is that is not what its name says, told by its first bytes: half of all models that do not open are none.</summary>
public static partial class FileKind
{
    /// <summary>Bytes from a file's beginning that are enough to tell.</summary>
    public const int HeadBytes = 512;

    /// <summary>
    /// What a file's first bytes show it to be, and what helps, as the end of a sentence; null where they show nothing known.
    /// </summary>
    /// <param name="head">The file's beginning, up to <see cref="HeadBytes"/>.</param>
    public static string? Of(ReadOnlySpan<byte> head)
    {
        var text = Encoding.Latin1.GetString(head[..Math.Min(head.Length, HeadBytes)]);
        return text.StartsWith("version https://git-lfs.github.com/spec/", StringComparison.Ordinal)
                ? $"is a pointer of git-lfs{Size(text)}, not the file itself; fetch it by 'git lfs pull' in its folder"
            : text.StartsWith("PK\u0003\u0004", StringComparison.Ordinal) || text.StartsWith("\u0080\u0002", StringComparison.Ordinal)
                ? "is PyTorch's pickle or another archive; save the model as safetensors (save_pretrained of transformers does)"
            : text.StartsWith("GGUF", StringComparison.Ordinal) ? "is a GGUF file; give its name the ending .gguf and name the file itself"
            : OldMagics.Any(magic => text.StartsWith(magic, StringComparison.Ordinal)) ? "is a model of llama.cpp from before GGUF; take "
                + "a newer file of the model"
            : text.Length > 8 && text[8] == '{' && text[4..8] == "\0\0\0\0" ? "is a safetensors file; name the folder it lies in, with "
                + "its config.json and tokenizer"
            : text.TrimStart().StartsWith('<') ? "is a web page, most likely a hub's answer to a download that needed a login; download "
                + "it again, signed in"
            : head.Length > 0 && head.IndexOfAnyExcept((byte)0) < 0 ? "begins with nothing but zeros, as a download that was broken off "
                + "leaves it; download it again"
            : null;
    }

    /// <summary>The same of a file that can be read; null where it cannot.</summary>
    public static string? Of(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var head = new byte[HeadBytes];
            return Of(head.AsSpan(0, file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Magic numbers of 32 bits: ggml, ggmf, ggjt, ggla.
    private static readonly string[] OldMagics = ["lmgg", "fmgg", "tjgg", "algg"];

    private static string Size(string pointer) =>
        SizeLine().Match(pointer) is { Success: true } size ? $" to {size.Groups[1].Value} bytes" : "";

    [GeneratedRegex(@"\nsize (\d{1,19})\n")]
    private static partial Regex SizeLine();
}
