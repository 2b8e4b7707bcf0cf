namespace Orca.Evaluation.Statistics;

/// <summary>The marks which two runs got for one item.</summary>
internal readonly record struct ItemPair(double First, double Second)
{
    public double Difference => Second - First;

    public bool IsRightOrWrong => First is 0 or 1 && Second is 0 or 1;
}
