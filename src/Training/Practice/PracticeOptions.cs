namespace Orca.Training.Practice;

/// <summary>
/// Settings of practice: learning from the student's own answers, where the curriculum gives such lessons. Without them these do nothing.
/// </summary>
public sealed record PracticeOptions
{
    /// <summary>Weight of the loss of practice beside that of the teachers' answers, above 0.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>
    /// How many of the hinted student's likeliest tokens are compared one by one, 1 or more; all others count as one.
    /// </summary>
    public int TopTokens { get; init; } = 50;
}
