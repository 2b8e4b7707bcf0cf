using Grpc.Core;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Subjects;
using Orca.Serving.Requests;

namespace Orca.Cli.Daemon;

/// <summary>A student whose server is asked again where it has no room, or no version yet: others may fill it.</summary>
/// <param name="student">The student.</param>
/// <param name="patience">For how long each question is asked again.</param>
/// <param name="clock">The clock.</param>
/// <param name="tell">Hears who refused again and again, why, and for how long the question rests; a short refusal is ordinary.</param>
internal sealed class PatientStudent(
    ITextGenerator student, TimeSpan patience, TimeProvider clock, Action<string, string, TimeSpan>? tell = null) : ITextGenerator
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public string Name => student.Name;

    /// <summary>Whether the server refused a question, or stopped at it, as it may at any time: for no fault of whoever asks.</summary>
    public static bool IsRefusal(Exception failure) => failure is GenerationException or RpcException
    {
        StatusCode: StatusCode.Unavailable or StatusCode.ResourceExhausted or StatusCode.Aborted or StatusCode.DeadlineExceeded,
    };

    /// <inheritdoc/>
    public async Task<GeneratedAnswer> GenerateAsync(Prompt prompt, CancellationToken cancellationToken)
    {
        var (began, pause) = (clock.GetTimestamp(), FirstPause);
        while (true)
        {
            try
            {
                return await student.GenerateAsync(prompt, cancellationToken);
            }
            catch (Exception refused) when (
                IsRefusal(refused) && !cancellationToken.IsCancellationRequested && clock.GetElapsedTime(began) + pause <= patience)
            {
                if (pause == LongestPause)
                {
                    tell?.Invoke(student.Name, refused is RpcException call ? call.Status.Detail : refused.Message, pause);
                }

                await Task.Delay(pause, clock, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }
}
