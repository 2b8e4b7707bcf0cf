namespace Orca.Model.Tokenization;

/// <summary>Reads the files of a tokenizer.</summary>
internal static class TokenizerFile
{
    /// <summary>The bytes of a file.</summary>
    /// <exception cref="ModelFormatException">Another kind of file stands in its place, such as a pointer of git-lfs.</exception>
    public static byte[] Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        return FileKind.Of(bytes) is { } kind ? throw new ModelFormatException($"'{path}' {kind}.") : bytes;
    }
}
