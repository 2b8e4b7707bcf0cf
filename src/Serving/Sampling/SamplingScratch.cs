namespace Orca.Serving.Sampling;

// V vocabulary

/// <summary>Buffers of one thread that draws, so that drawing allocates nothing.</summary>
internal sealed class SamplingScratch
{
    [ThreadStatic]
    private static SamplingScratch? ofThisThread;

    private float[] kept = [];
    private int length;

    private SamplingScratch()
    {
        var ranking = new Ranking();
        (Drawing, Logprobs) = (new Drawing(ranking), new LogprobReader(ranking));
    }

    public static SamplingScratch OfThisThread => ofThisThread ??= new SamplingScratch();

    public Drawing Drawing { get; }

    public LogprobReader Logprobs { get; }

    /// <summary>The row as it was at the last <see cref="Keep"/>.</summary>
    public ReadOnlySpan<float> Kept => kept.AsSpan(0, length);

    /// <summary>Copies a row before it is changed.</summary>
    public void Keep(ReadOnlySpan<float> row_V)
    {
        if (kept.Length < row_V.Length)
        {
            kept = new float[row_V.Length];
        }

        row_V.CopyTo(kept);
        length = row_V.Length;
    }
}
