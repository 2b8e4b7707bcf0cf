using System.IO.Enumeration;

namespace Orca.Streams.Tasks.Files;

/// <summary>Paths with <c>*</c> for any part of a name and <c>**</c> for any folders.</summary>
internal static class FilePattern
{
    /// <summary>Whether a relative path, with <c>/</c> between its parts, is one of a pattern's.</summary>
    public static bool Matches(string pattern, string path) => Matches(pattern.Split('/'), path.Split('/'));

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> path)
    {
        if (pattern is ["**"])
        {
            return true;
        }

        if (pattern.IsEmpty || path.IsEmpty)
        {
            return pattern.IsEmpty && path.IsEmpty;
        }

        return pattern[0] == "**"
            ? Matches(pattern[1..], path) || Matches(pattern, path[1..])
            : FileSystemName.MatchesSimpleExpression(pattern[0], path[0], ignoreCase: false) && Matches(pattern[1..], path[1..]);
    }
}
