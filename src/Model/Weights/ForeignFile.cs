using System.Text;

namespace Orca.Model.Weights;

/// <summary>Tells what a file is that is not what its name says, for messages.</summary>
internal static class ForeignFile
{
    /// <summary>What it is and what helps, as the rest of a sentence; null where it is nothing known.</summary>
    /// <param name="start">The file's first bytes, up to a KiB; all of a shorter file.</param>
    public static string? Describe(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("version https://git-lfs"u8))
        {
            return "it is a git-lfs pointer, which stands for the file in a repository: fetch the file itself with 'git lfs pull'";
        }

        if (start.StartsWith("PK\u0003\u0004"u8))
        {
            return "it is a zip archive, as PyTorch writes its checkpoints: convert the model first";
        }

        if (IsOldGgml(start))
        {
            return "it is a model of llama.cpp from before GGUF: take a newer file of the model";
        }

        if (start.Length > 8 && start[8] == '{' && start[4..8].IndexOfAnyExcept((byte)0) < 0)
        {
            return "it is a safetensors file: give the folder it lies in, with its config.json and tokenizer";
        }

        if (start.StartsWith("GGUF"u8))
        {
            return "it is a GGUF file: give it the extension .gguf";
        }

        if (!start.IsEmpty && start.IndexOfAnyExcept((byte)0) < 0)
        {
            return "it begins with zeros alone, as a download does that reserved its room and ended early: download it again";
        }

        var text = Encoding.Latin1.GetString(start).TrimStart();
        return text.StartsWith("<!doctype", StringComparison.OrdinalIgnoreCase) || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase)
            ? "it is a web page: what was downloaded is not the file but the page about it, or a refusal"
            : text.StartsWith('{') ? "it is a JSON text, such as a server's refusal: look into it, and download the file itself"
            : null;
    }

    // Magic numbers of 32 bits: ggml, ggmf, ggjt, ggla.
    private static bool IsOldGgml(ReadOnlySpan<byte> start) =>
        start.StartsWith("lmgg"u8) || start.StartsWith("fmgg"u8) || start.StartsWith("tjgg"u8) || start.StartsWith("algg"u8);
}
