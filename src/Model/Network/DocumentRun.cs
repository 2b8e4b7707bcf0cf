using static TorchSharp.torch;

namespace Orca.Model.Network;

/// <summary>A document of packed rows: a run of tokens of one segment, counted over the whole batch; padding is one too.</summary>
/// <param name="Start">Its first token.</param>
/// <param name="Length">How many it has.</param>
internal readonly record struct DocumentRun(int Start, int Length)
{
    /// <summary>The documents of rows, row by row.</summary>
    /// <param name="segments_BT">[B, T] of any integer type, on any device; equal within a document and different next to it.</param>
    public static List<DocumentRun> Of(Tensor segments_BT)
    {
        using var scope = NewDisposeScope();
        var ids = segments_BT.to(ScalarType.Int64, CPU).contiguous().data<long>().ToArray();
        var length = (int)segments_BT.shape[1];
        var documents = new List<DocumentRun>();
        for (var start = 0; start < ids.Length;)
        {
            var end = start + 1;
            while (end % length != 0 && ids[end] == ids[start])
            {
                end++;
            }

            documents.Add(new DocumentRun(start, end - start));
            start = end;
        }

        return documents;
    }
}
