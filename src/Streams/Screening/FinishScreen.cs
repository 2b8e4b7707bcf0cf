using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>1 for an answer that was cut or withheld, else 0: what does not say why it ended counts as cut.</summary>
public sealed class FinishScreen : IScreen
{
    /// <inheritdoc/>
    public string Name => "finish";

    /// <inheritdoc/>
    public string Settings => "finish 2";

    /// <inheritdoc/>
    public double DefaultLimit => 0;

    /// <inheritdoc/>
    public Measurement Measure(Trace trace) => trace.Finish switch
    {
        TeacherFinish.Stop => Measurement.None,
        TeacherFinish.Length => new Measurement(1, "The answer ran into the token limit."),
        TeacherFinish.Filtered => new Measurement(1, "The endpoint's content filter withheld the answer."),
        _ => new Measurement(1, "The answer ended without saying why."),
    };
}
