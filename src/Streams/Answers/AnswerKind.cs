namespace Orca.Streams.Answers;

/// <summary>How the answer in a response is found and compared. Stores keep the names: they never change their meaning.</summary>
public enum AnswerKind
{
    /// <summary>
    /// Any text; right when it equals a gold answer after folding case, white space and final punctuation, else undecided.
    /// </summary>
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

    /// <summary>Yes or no, true or false, valid or not, plausible or not; right when it means the same.</summary>
    YesNo,

    /// <summary>A name, a label or a few words, found by its words wherever a response gives its answer.</summary>
    ShortText,

    /// <summary>Several items, in order where the question asks for an order: sorted words, brackets, numbers, names.</summary>
    List,
}
