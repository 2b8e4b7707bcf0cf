using System.Collections.Immutable;
using Orca.Model.Tokenization;

namespace Orca.Serving.Text;

/// <summary>Turns an answer's tokens into final text: whole characters only, and nothing of a stop string.</summary>
internal sealed class AnswerText(StreamingDecoder decoder, ImmutableArray<string> stopStrings)
{
    private readonly StopStringScanner scanner = new(stopStrings);

    /// <summary>The stop string that was found; null until then.</summary>
    public string? StopString => scanner.Match;

    /// <summary>Takes the next token and returns the text that became final with it.</summary>
    public string Push(int token) => scanner.Push(decoder.Push(token));

    /// <summary>At the end of the answer: the text that waited for more.</summary>
    public string Flush() => scanner.Push(decoder.Flush()) + scanner.Flush();
}
