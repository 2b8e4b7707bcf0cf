using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>Rejects answers that were cut or withheld: what does not say why it ended counts as cut.</summary>
public sealed class FinishScreen : IScreen
{
    /// <inheritdoc/>
    public string Name => "finish";

    /// <inheritdoc/>
    public string Settings => "finish 1";

    /// <inheritdoc/>
    public ScreenVerdict Judge(Trace trace) => trace.Finish switch
    {
        TeacherFinish.Stop => ScreenVerdict.Pass(Name),
        TeacherFinish.Length => ScreenVerdict.Reject(Name, "The answer ran into the token limit."),
        TeacherFinish.Filtered => ScreenVerdict.Reject(Name, "The endpoint's content filter withheld the answer."),
        _ => ScreenVerdict.Reject(Name, "The answer ended without saying why."),
    };
}
