using Orca.Streams.Screening;
using Orca.Streams.Teachers;

namespace Orca.Streams.Curricula.Lessons;

/// <summary>1 for an answer that makes no lesson for the student at hand, else 0. For those who collect beside a student.</summary>
/// <param name="maker">Makes the student's lessons, and names what is wrong with an answer.</param>
public sealed class LessonScreen(LessonMaker maker) : IScreen
{
    /// <inheritdoc/>
    public string Name => "lesson";

    /// <inheritdoc/>
    public string Settings => maker.Settings;

    /// <inheritdoc/>
    public double DefaultLimit => 0;

    /// <inheritdoc/>
    public bool IsRequired => true;

    /// <inheritdoc/>
    public Measurement Measure(Trace trace) =>
        maker.Make(trace).Fault is { } fault ? new Measurement(1, fault.Reason) { Fault = fault.Name } : Measurement.None;
}
