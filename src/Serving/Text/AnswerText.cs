using System.Collections.Immutable;
using System.Text;
using Orca.Model.Tokenization;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;

namespace Orca.Serving.Text;

/// <summary>Turns an answer's tokens into final text: whole characters only, and nothing of a stop string that is not to be told.</summary>
internal sealed class AnswerText(StreamingDecoder decoder, StoppingOptions stopping)
{
    private readonly StopStringScanner scanner = new(stopping.StopStrings, stopping.IncludeStop);

    /// <summary>The stop string that was found; null until then.</summary>
    public string? StopString => scanner.Match;

    /// <summary>
    /// The text of a prompt, up to its last whole character: one that it holds the first bytes of comes out with the answer.
    /// </summary>
    public static string OfPrompt(StudentLanguage language, ImmutableArray<int> prompt)
    {
        var (decoder, text) = (language.Tokenizer.StartDecoding(), new StringBuilder());
        foreach (var token in prompt)
        {
            text.Append(decoder.Push(token));
        }

        return text.ToString();
    }

    /// <summary>Takes the next token and returns the text that became final with it.</summary>
    public string Push(int token) => scanner.Push(decoder.Push(token));

    /// <summary>At the end of the answer: the text that waited for more.</summary>
    public string Flush() => scanner.Push(decoder.Flush()) + scanner.Flush();
}
