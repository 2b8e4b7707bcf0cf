namespace Orca.Cli.Clients;

/// <summary>
/// What somebody wants who has written something in a chat: a line that begins with one slash is a command, all else a question.
/// </summary>
internal abstract record ChatInput
{
    private const string SystemWord = "/system";
    private const string QuitWord = "/quit";

    private ChatInput()
    {
    }

    /// <summary>Reads what was written.</summary>
    public static ChatInput Of(Question question)
    {
        var text = question.Text;
        if (question.IsBlock || !text.StartsWith('/'))
        {
            return new Ask(text);
        }

        if (text.StartsWith("//", StringComparison.Ordinal))
        {
            return new Ask(text[1..]);
        }

        var word = text.Split((char[]?)null, 2)[0];
        return word switch
        {
            SystemWord => new System(text[SystemWord.Length..].Trim()),
            QuitWord when text.Trim() == QuitWord => new Quit(),
            _ => new Unknown(word == QuitWord ? text.Trim() : word),
        };
    }

    /// <summary>An answer.</summary>
    /// <param name="Text">The question.</param>
    public sealed record Ask(string Text) : ChatInput;

    /// <summary>Another system message from now on.</summary>
    /// <param name="Message">The message; empty for none.</param>
    public sealed record System(string Message) : ChatInput;

    /// <summary>The end.</summary>
    public sealed record Quit : ChatInput;

    /// <summary>A command that does not exist.</summary>
    /// <param name="Word">How it was called.</param>
    public sealed record Unknown(string Word) : ChatInput;
}
