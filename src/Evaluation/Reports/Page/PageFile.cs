using System.Security.Cryptography;
using System.Text;

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

    /// <summary>A page with its slots filled, in one pass, so that a text which looks like a slot stays a text.</summary>
    /// <param name="name">The page.</param>
    /// <param name="slots">What stands for <c>{{name}}</c>.</param>
    public static string Fill(string name, IReadOnlyDictionary<string, string> slots)
    {
        var pieces = Read(name).Split("{{");
        var text = new StringBuilder(pieces[0]);
        foreach (var piece in pieces.Skip(1))
        {
            var end = piece.IndexOf("}}", StringComparison.Ordinal);
            text.Append(slots[piece[..end]]).Append(piece, end + 2, piece.Length - end - 2);
        }

        return text.ToString();
    }

    /// <summary>A policy that lets a page run and show what is its own, named by their hashes, and ask nobody for anything.</summary>
    public static string Policy(string style, string script) =>
        $"default-src 'none'; style-src '{Hash(style)}'; script-src '{Hash(script)}'; base-uri 'none'; form-action 'none'";

    private static string Hash(string content) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}";
}
