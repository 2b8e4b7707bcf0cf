using System.Text;
using Orca.Model.Tokenization;

namespace Orca.Model.Tests;

/// <summary>A tokenizer of 262 pieces in llama2.c's form: unknown, start, end, the bytes, and three letters.</summary>
internal static class ToyTokenizer
{
    public const int VocabularySize = 262;

    public static string Write(string path)
    {
        string[] pieces = ["<unk>", "\n<s>\n", "\n</s>\n", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), " ", "a", "b"];
        using var file = new BinaryWriter(File.Create(path));
        file.Write(pieces.Max(piece => piece.Length));
        for (var id = 0; id < pieces.Length; id++)
        {
            file.Write(-(float)id);
            file.Write(pieces[id].Length);
            file.Write(Encoding.UTF8.GetBytes(pieces[id]));
        }

        return path;
    }

    public static ITokenizer Open()
    {
        using var folder = new TemporaryFolder();
        return TokenizerFolder.OpenFile(Write(folder["tokenizer.bin"]));
    }
}
