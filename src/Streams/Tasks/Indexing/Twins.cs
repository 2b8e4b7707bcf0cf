using System.Collections;

namespace Orca.Streams.Tasks.Indexing;

/// <summary>
/// Finds rows without an answer of which another row of the source asks the same and has one: the one with the answer is asked.
/// </summary>
internal static class Twins
{
    // Keys that are held at once: the rows are gone over once for each part.
    private const int KeysAtOnce = 4 << 20;

    /// <summary>Which rows are left out; null where none is.</summary>
    /// <param name="facts">The rows.</param>
    /// <param name="unanswered">How many of them have no answer.</param>
    public static BitArray? Find(RowFacts facts, long unanswered)
    {
        if (unanswered == 0 || unanswered == facts.Count || facts.Count > int.MaxValue)
        {
            return null;
        }

        var parts = (ulong)((unanswered / KeysAtOnce) + 1);
        var leftOut = new BitArray((int)facts.Count);
        for (var part = 0UL; part < parts; part++)
        {
            var open = facts.ReadAll().Where(fact => !fact.IsAnswered && fact.Key % parts == part).Select(fact => fact.Key).ToHashSet();
            var answered = facts.ReadAll().Where(fact => fact.IsAnswered && open.Contains(fact.Key)).Select(fact => fact.Key).ToHashSet();
            var row = 0;
            foreach (var fact in facts.ReadAll())
            {
                leftOut[row] |= !fact.IsAnswered && answered.Contains(fact.Key);
                row++;
            }
        }

        return leftOut;
    }
}
