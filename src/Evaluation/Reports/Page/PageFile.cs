namespace Orca.Evaluation.Reports.Page;

/// <summary>The page's own HTML, style and scripts, which are embedded in this assembly.</summary>
internal static class PageFile
{
    /// <summary>One of them, its lines ended as a browser reads them: the policy's hashes are of what it reads.</summary>
    public static string Read(string name)
    {
        using var text = new StreamReader(typeof(PageFile).Assembly.GetManifestResourceStream($"report/{name}")!);
        return text.ReadToEnd().ReplaceLineEndings("\n");
    }
}
