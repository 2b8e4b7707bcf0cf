namespace Orca.Training.Tests.Reference;

/// <summary>A weight of the plain student, row by row, and its gradient, which backward passes add to.</summary>
/// <param name="Name">Its Hugging Face name.</param>
/// <param name="Columns">Values a row; a vector is one row.</param>
/// <param name="Values">The values.</param>
internal sealed record PlainWeight(string Name, int Columns, double[] Values)
{
    public double[] Gradient { get; } = new double[Values.Length];

    public int Rows => Values.Length / Columns;
}
