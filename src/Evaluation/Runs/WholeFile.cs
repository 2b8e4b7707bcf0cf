using System.Text;

namespace Orca.Evaluation.Runs;

/// <summary>Writes files that a reader sees whole, or as they were before.</summary>
public static class WholeFile
{
    /// <summary>Writes a text beside the file and puts it in its place; half a surrogate pair becomes U+FFFD.</summary>
    /// <exception cref="IOException">It cannot be written; the file is as it was.</exception>
    public static void Write(string path, string text)
    {
        File.WriteAllBytes($"{path}.part", Encoding.UTF8.GetBytes(text));
        File.Move($"{path}.part", path, overwrite: true);
    }
}
