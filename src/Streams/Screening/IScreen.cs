using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>
/// Measures one thing that may be wrong with an answer. Whether it is too much of it, a <see cref="ScreenPlan"/> decides.
/// </summary>
public interface IScreen
{
    /// <summary>Name that plans, verdicts and the display carry.</summary>
    string Name { get; }

    /// <summary>
    /// What its measurement depends on besides the trace, as text: its settings, and a number that grows when it comes to measure
    /// otherwise. What it rejected under another text is judged again.
    /// </summary>
    string Settings { get; }

    /// <summary>The largest value that passes where the plan says nothing else.</summary>
    double DefaultLimit { get; }

    /// <summary>Whether what it rejects can be taught in no way: not even in the control arm.</summary>
    bool IsRequired => false;

    /// <summary>Whether it remembers what it measures, so that later answers are measured by it.</summary>
    bool Remembers => false;

    /// <summary>Measures a trace; by several threads at once. Whatever it throws rejects that trace as one it failed on.</summary>
    Measurement Measure(Trace trace);
}
