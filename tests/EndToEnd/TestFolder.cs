namespace Orca.EndToEnd.Tests;

/// <summary>A folder of a test's own, deleted after it.</summary>
internal sealed class TestFolder : IDisposable
{
    /// <summary>Its path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("orca-end-to-end-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
