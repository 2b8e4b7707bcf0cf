using System.Runtime.CompilerServices;

namespace Orca.Tests.Shared;

/// <summary>The real data that some tests run on, kept beside the checkout; such tests skip where it is absent.</summary>
internal static class SharedData
{
    private static readonly string Root = Environment.GetEnvironmentVariable("ORCA_TEST_DATA")
        ?? Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "data"));

    /// <summary>Path of a file or folder of the data; skips the calling test, with the reason, where there is none.</summary>
    public static string Require(string relative) => Present(Path.Combine(Root, relative), relative);

    /// <summary>Path of one of the inputs that came from public reports, kept beside the data; skips likewise.</summary>
    public static string RequireCase(string relative) =>
        Present(Path.GetFullPath(Path.Combine(Root, "..", "cases", relative)), Path.Combine("../cases", relative));

    private static string Present(string path, string relative)
    {
        Assert.SkipUnless(Path.Exists(path), $"'{path}' is absent; set ORCA_TEST_DATA to a folder that holds {relative}");
        return path;
    }
}

/// <summary>Where this checkout lies.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
