using System.Globalization;
using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>Rejects answers that are too long in characters or in the teacher's tokens.</summary>
/// <remarks>Whether a lesson fits the student's sequence is another question: see <c>LessonMaker</c>.</remarks>
/// <param name="maxCharacters">Characters an answer may have.</param>
/// <param name="maxTokens">Tokens it may have by the teacher's count; not judged where the teacher does not count.</param>
public sealed class LengthScreen(int maxCharacters = LengthScreen.DefaultMaxCharacters, int maxTokens = int.MaxValue) : IScreen
{
    /// <summary>About 4,000 tokens of English.</summary>
    public const int DefaultMaxCharacters = 16_000;

    /// <inheritdoc/>
    public string Name => "length";

    /// <inheritdoc/>
    public string Settings => string.Create(
        CultureInfo.InvariantCulture, $"length 1 characters={maxCharacters}{(maxTokens < int.MaxValue ? $" tokens={maxTokens}" : "")}");

    /// <inheritdoc/>
    public ScreenVerdict Judge(Trace trace)
    {
        if (trace.Response.Length > maxCharacters)
        {
            return ScreenVerdict.Reject(Name, $"The answer has {trace.Response.Length} characters; at most {maxCharacters} are kept.");
        }

        return trace.CompletionTokens > maxTokens
            ? ScreenVerdict.Reject(Name, $"The answer has {trace.CompletionTokens} tokens; at most {maxTokens} are kept.")
            : ScreenVerdict.Pass(Name);
    }
}
