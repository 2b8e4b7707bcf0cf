using Orca.Streams.Screening;
using Orca.Streams.Teachers;

namespace Orca.Streams.Curricula;

/// <summary>Rejects answers that make no lesson for the student at hand. For those who collect beside a student.</summary>
/// <param name="maker">Makes the student's lessons.</param>
public sealed class LessonScreen(LessonMaker maker) : IScreen
{
    /// <summary>Of an answer that makes one; the others go by the names of <see cref="LessonMaker"/>.</summary>
    public string Name => "lesson";

    /// <inheritdoc/>
    public string Settings => maker.Settings;

    /// <inheritdoc/>
    public ScreenVerdict Judge(Trace trace) => maker.Make(trace).Verdict ?? ScreenVerdict.Pass(Name);
}
