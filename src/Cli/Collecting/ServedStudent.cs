using Grpc.Core;
using Grpc.Net.Client;
using Orca.Cli.Clients;
using Orca.Cli.Commands;
using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Subjects;
using Orca.Protocol.Inference.V1;
using Orca.Streams.Collecting.StudentFirst;
using Orca.Streams.Teachers;

namespace Orca.Cli.Collecting;

/// <summary>
/// The student that this process serves, or that the settings name, as it is asked before teachers are: by the version that answers then.
/// </summary>
internal sealed class ServedStudent : IStudent, IDisposable
{
    // Enough to be batched, and few beside those who call the server.
    private const int AtOnce = 16;

    private const double SampledAt = 0.7;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _places = new(AtOnce);
    private readonly int _maxTokens;
    private readonly TimeProvider _clock;
    private volatile ITextGenerator? _student;
    private volatile string _why = "no version of it answers yet";
    private GrpcChannel? _channel;

    /// <param name="maxTokens">Length at which its answers are cut.</param>
    /// <param name="clock">The clock.</param>
    public ServedStudent(int maxTokens, TimeProvider clock) => (_maxTokens, _clock) = (maxTokens, clock);

    /// <summary>The student that the settings ask for; null where teachers are asked at once.</summary>
    /// <returns><see cref="Follow"/> must be called where they name no student.</returns>
    /// <exception cref="CommandException">There is no student to ask.</exception>
    public static ServedStudent? Of(OrcaSettings settings, TimeProvider clock)
    {
        if (!settings.Curriculum.AskStudentFirst)
        {
            return null;
        }

        var student = new ServedStudent(settings.Evaluation.MaxTokens, clock);
        if (settings.Curriculum.Student is { } address)
        {
            student.At(ServerAddress.Parse(address));
        }
        else if (!settings.Run.Has("serve"))
        {
            student.Dispose();
            throw new CommandException("The student is to be asked first, and this process serves none; give the address of one "
                + "(--set curriculum.student=HOST:PORT).");
        }

        return student;
    }

    /// <summary>Asks a student of this process as soon as it answers; until then teachers are asked.</summary>
    /// <param name="student">The student.</param>
    /// <param name="answers">Completes when it answers.</param>
    public void Follow(ITextGenerator student, Task answers) => answers.ContinueWith(
        loaded =>
        {
            if (_channel is not null)
            {
                return;
            }

            if (loaded.IsCompletedSuccessfully)
            {
                Ask(student);
            }
            else
            {
                _why = loaded.Exception?.InnerException?.Message ?? "its server has ended";
            }
        },
        TaskScheduler.Default);

    /// <inheritdoc/>
    public async Task<StudentAnswer?> AnswerAsync(TeacherRequest request, int sample, CancellationToken cancellationToken)
    {
        if (_student is not { } student)
        {
            throw new CommandException(_why);
        }

        var prompt = new Prompt
        {
            Text = request.Query.Prompt,
            SystemMessage = request.SystemMessage,
            MaxTokens = _maxTokens,
            Temperature = sample == 0 ? 0 : SampledAt,
            Seed = (ulong)sample,
        };
        await _places.WaitAsync(cancellationToken);
        try
        {
            var answer = await student.GenerateAsync(prompt, cancellationToken);
            return answer.Refusal is null ? new StudentAnswer(answer.Text, answer.Version) : null;
        }
        catch (RpcException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException($"the student at {student.Name} says: {failure.Status.Detail.TrimEnd('.')}", failure);
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose()
    {
        _channel?.Dispose();
        _places.Dispose();
    }

    private void At(Uri address)
    {
        _channel = ServerAddress.Open(address);
        Ask(new RemoteStudent(new InferenceService.InferenceServiceClient(_channel), address.Authority));
    }

    internal void Ask(ITextGenerator student) => _student = new PatientStudent(student, Patience, _clock);
}
