namespace Orca.Training.Tests;

/// <summary>A folder of a test's own, deleted after it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string path = Directory.CreateTempSubdirectory("orca-training-").FullName;

    public string At(string relative) => Path.Combine(path, relative);

    public void Dispose() => Directory.Delete(path, recursive: true);
}
