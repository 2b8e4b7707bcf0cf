using System.Text.RegularExpressions;

namespace Orca.Streams.Answers;

/// <summary>Leaves out what a model thinks in tags before it answers: an answer that stands only there is none.</summary>
internal static partial class Reasoning
{
    /// <summary>
    /// A response without its thoughts. Of thoughts that are not closed nothing is left, nor of what leads up to a lone end.
    /// </summary>
    public static string Removed(string response)
    {
        if (!response.Contains('<'))
        {
            return response;
        }

        var tags = Tag().Matches(response);
        if (tags.Count == 0)
        {
            return response;
        }

        // What stands behind the last end is the answer; an opening behind it was cut off.
        var end = tags.LastOrDefault(tag => tag.Groups["end"].Success);
        var rest = end is null ? 0 : end.Index + end.Length;
        var opened = tags.FirstOrDefault(tag => tag.Index >= rest);
        return opened is not null ? response[rest..opened.Index]
            : response[rest..].Trim().Length > 0 ? response[rest..]
            : response[..tags[0].Index];
    }

    [GeneratedRegex(@"<(?<end>/)?(?:think|thinking|thought|reasoning|scratchpad|reflection)>", RegexOptions.IgnoreCase)]
    private static partial Regex Tag();
}
