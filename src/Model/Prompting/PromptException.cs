namespace Orca.Model.Prompting;

/// <summary>
/// A conversation has no form in a prompt template: the template refuses it in words of its own, cannot work with it, or would
/// take too much. The message says which, without a subject: it is said of the conversation's messages.
/// </summary>
public sealed class PromptException : Exception
{
    /// <summary>States why.</summary>
    public PromptException(string message) : base(message)
    {
    }

    /// <summary>States why, and keeps what led to it.</summary>
    public PromptException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
