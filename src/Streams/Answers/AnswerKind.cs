namespace Orca.Streams.Answers;

/// <summary>How the answer in a response is found and compared.</summary>
public enum AnswerKind
{
    /// <summary>Any text; right when it equals a gold answer after folding case, white space and final punctuation.</summary>
    FreeText,

    /// <summary>A number; right when it has a gold answer's value.</summary>
    Number,

    /// <summary>One of several lettered options, answered by letter or by the option's text.</summary>
    MultipleChoice,

    /// <summary>
    /// A short fixed form (a word, yes or no, a list, brackets), compared like <see cref="FreeText"/> but only after the last "answer
    /// is".
    /// </summary>
    Exact,
}
