using Orca.Serving.Security;

namespace Orca.Cli.Bench;

/// <summary>
/// A file of two keys that open a measured server, for the caller that is measured and for its neighbours. Gone when it is disposed.
/// </summary>
internal sealed class BenchKeys : IDisposable
{
    private readonly string _folder;

    private BenchKeys(string folder, string own, string neighbour) => (_folder, Own, Neighbour) = (folder, own, neighbour);

    /// <summary>The file.</summary>
    public string Path => PathIn(_folder);

    /// <summary>The key of the caller that is measured.</summary>
    public string Own { get; }

    /// <summary>The key of its neighbours.</summary>
    public string Neighbour { get; }

    /// <summary>Makes both.</summary>
    public static BenchKeys Create()
    {
        var folder = Directory.CreateTempSubdirectory("orca-bench-").FullName;
        KeyFile.Add(PathIn(folder), AccessKey.Create("measured", AccessScope.Read, out var own));
        KeyFile.Add(PathIn(folder), AccessKey.Create("neighbour", AccessScope.Read, out var neighbour));
        return new BenchKeys(folder, own, neighbour);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string PathIn(string folder) => System.IO.Path.Combine(folder, "orca-keys.txt");
}
