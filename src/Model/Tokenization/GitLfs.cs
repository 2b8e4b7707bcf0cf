namespace Orca.Model.Tokenization;

/// <summary>Tells the pointers that git-lfs leaves in the place of files from the files.</summary>
internal static class GitLfs
{
    /// <summary>The bytes of a tokenizer's file.</summary>
    /// <exception cref="ModelFormatException">It is a pointer.</exception>
    public static byte[] Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        return bytes.AsSpan().StartsWith("version https://git-lfs"u8)
            ? throw new ModelFormatException($"'{path}' is a pointer of git-lfs and not the file it stands for; run 'git lfs pull' in the folder it was cloned to.")
            : bytes;
    }
}
