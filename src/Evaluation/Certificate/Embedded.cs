namespace Orca.Evaluation.Certificate;

/// <summary>Files that the build puts into this assembly.</summary>
internal static class Embedded
{
    public static byte[] Read(string name)
    {
        using var stream = typeof(Embedded).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The build left '{name}' out of the assembly.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public static string[] NamesUnder(string folder) => [.. typeof(Embedded).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
