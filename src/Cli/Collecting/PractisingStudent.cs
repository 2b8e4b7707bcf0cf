using Orca.Cli.Commands;
using Orca.Evaluation.Subjects;
using Orca.Streams.Teachers;

namespace Orca.Cli.Collecting;

/// <summary>The served student as the teacher of the stage of practice: its own answers, drawn at random, for nothing.</summary>
/// <param name="student">The student.</param>
/// <param name="temperature">Of its sampling, 0 or more.</param>
/// <param name="check">Tells before its first answer whether it can.</param>
/// <param name="clock">The clock.</param>
internal sealed class PractisingStudent(ServedStudent student, double temperature, ReadingCheck check, TimeProvider clock) : ITeacher
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // The student that was taught all that is before is published when the stage begins, and may still be loaded.
    private static readonly TimeSpan UntilPublished = TimeSpan.FromSeconds(30);

    // A server that is restarted is back by then.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _checking = new(1);
    private volatile bool _isChecked;

    /// <inheritdoc/>
    public string Name => "student";

    /// <inheritdoc/>
    public async Task<Trace> AskAsync(TeacherRequest request, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await CheckAsync(cancellationToken);
                var from = clock.GetTimestamp();
                var answer = await student.PractiseAsync(request, temperature, cancellationToken);
                return answer.Refusal is { } refusal
                    ? throw new TeacherException($"The student cannot practise on a question: {refusal}") { Fault = TeacherFault.Request }
                    : TraceOf(request, answer, clock.GetElapsedTime(from));
            }
            catch (CommandException failure)
            {
                if (clock.GetElapsedTime(began) > Patience)
                {
                    throw new TeacherException(
                        $"The student has not answered for {Patience.TotalMinutes:0} minutes, to practise: {failure.Message}", failure)
                    {
                        Fault = TeacherFault.Temporary,
                    };
                }

                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (_isChecked)
        {
            return;
        }

        await _checking.WaitAsync(cancellationToken);
        try
        {
            var began = clock.GetTimestamp();
            while (!_isChecked)
            {
                if (await check.FaultAsync(cancellationToken) is not { } fault)
                {
                    _isChecked = true;
                }
                else if (clock.GetElapsedTime(began) > UntilPublished)
                {
                    throw new TeacherException(fault) { Fault = TeacherFault.Settings };
                }
                else
                {
                    await Task.Delay(Pause, clock, cancellationToken);
                }
            }
        }
        finally
        {
            _checking.Release();
        }
    }

    private static Trace TraceOf(TeacherRequest request, GeneratedAnswer answer, TimeSpan latency) => new()
    {
        Request = request,
        Response = answer.Text,
        Finish = answer.IsCut ? TeacherFinish.Length : TeacherFinish.Stop,
        Teacher = $"student {answer.Version}",
        PromptTokens = answer.PromptTokens,
        CompletionTokens = answer.Tokens,
        Latency = latency,
    };
}
