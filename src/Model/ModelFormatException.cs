namespace Orca.Model;

/// <summary>
/// A file of a model (weights, configuration, tokenizer, template) is missing, malformed or of a kind that is not supported.
/// The message is one sentence that names the file, what was expected and what to do.
/// </summary>
public sealed class ModelFormatException : Exception
{
    /// <summary>States the fault.</summary>
    public ModelFormatException(string message) : base(message)
    {
    }

    /// <summary>States the fault and keeps what led to it.</summary>
    public ModelFormatException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
