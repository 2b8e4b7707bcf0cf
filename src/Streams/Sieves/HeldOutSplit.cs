using Orca.Streams.Tasks;

namespace Orca.Streams.Sieves;

/// <summary>
/// Which questions are examined and never trained on: their content decides, so that the same question falls on the same side in every
/// run, whatever its file, its form or its white space. The built-in tasks hold a tenth out by the same rule.
/// </summary>
/// <param name="oneIn">One question in this many is held out; 2 or more.</param>
public sealed class HeldOutSplit(int oneIn)
{
    /// <summary>Whether a question is held out.</summary>
    public bool IsHeldOut(TaskQuery query) => QuestionText.KeyOf(query.Prompt) % (ulong)oneIn == 0;
}
