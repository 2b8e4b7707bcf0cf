namespace Orca.Streams.Bus;

/// <summary>That a stage ends once the student's held-out gain has flattened, beside its length in lessons.</summary>
/// <param name="Gain">
/// A gain that would matter, as a share of the questions, above 0 to 1: the stage ends when the interval rules it out.
/// </param>
/// <param name="Examinations">Last examinations that count, 2 or more; half of them against the other half.</param>
public sealed record StageEnd(double Gain = 0.02, int Examinations = 6)
{
    /// <summary>What is wrong with it, one sentence; null where nothing is.</summary>
    internal string? Fault => Gain is not (> 0 and <= 1) ? $"The gain that ends a stage is {Gain}; give a number above 0, to 1."
        : Examinations < 2 ? $"A stage's end looks at {Examinations} examinations; give 2 or more."
        : null;
}
