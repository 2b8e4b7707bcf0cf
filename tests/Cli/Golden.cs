using Orca.Tests.Shared;

namespace Orca.Cli.Tests;

/// <summary>Texts kept in the repository that must say what the code says. <c>ORCA_WRITE_GOLDEN=1</c> writes them anew.</summary>
internal static class Golden
{
    /// <summary>Asserts that a file of the repository holds this text.</summary>
    public static void Holds(string file, string text)
    {
        var path = Path.Combine(Repository.Root, file);
        if (Environment.GetEnvironmentVariable("ORCA_WRITE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        Assert.Equal(text, File.ReadAllText(path).ReplaceLineEndings("\n"));
    }
}
