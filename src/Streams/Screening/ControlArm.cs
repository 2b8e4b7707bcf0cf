using Orca.Streams.Teachers;

namespace Orca.Streams.Screening;

/// <summary>
/// Which answers pass whatever the screens find, so that it can be told what the screens are worth: a share of all requests, at random,
/// by their ids alone, so that an answer that is judged again stays in its arm.
/// </summary>
/// <param name="share">The share, 0 to 1.</param>
/// <param name="seed">Another seed gives others.</param>
public sealed class ControlArm(double share, long seed = 0)
{
    /// <summary>None at all.</summary>
    public static ControlArm None { get; } = new(0);

    /// <summary>Whether a request is of the arm; with it are all answers to its question.</summary>
    public bool Contains(TeacherRequest request) => share > 0 && !request.IsPractice && SeededRandom.Of(
        seed, request.First.Number).NextDouble() < share;

    /// <summary>Judges an answer as its arm has it.</summary>
    public ScreenedTrace Judge(ScreenSet screens, Trace trace) =>
        Contains(trace.Request) ? screens.JudgeForControl(trace) : screens.Judge(trace);
}
