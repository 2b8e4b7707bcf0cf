using Grpc.Core;
using Grpc.Net.Client;
using Orca.Cli.Clients;
using Orca.Cli.Commands;
using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Subjects;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Requests;
using Orca.Streams.Collecting.StudentFirst;
using Orca.Streams.Teachers;

namespace Orca.Cli.Collecting;

/// <summary>
/// The student that this process serves, or that the settings name, as it is asked before teachers are and to practise: by the version
/// that answers then.
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
    private volatile ITextScorer? _scorer;
    private volatile string _why = "no version of it answers yet";
    private GrpcChannel? _channel;

    /// <param name="maxTokens">Length at which its answers are cut.</param>
    /// <param name="clock">The clock.</param>
    public ServedStudent(int maxTokens, TimeProvider clock) => (_maxTokens, _clock) = (maxTokens, clock);

    /// <summary>The student that the settings ask for; null where it is asked nothing.</summary>
    /// <returns><see cref="Follow"/> must be called where they name no student.</returns>
    /// <exception cref="CommandException">There is no student to ask.</exception>
    public static ServedStudent? Of(OrcaSettings settings, TimeProvider clock)
    {
        var isAskedFirst = settings.Curriculum.AskStudentFirst;
        if (!isAskedFirst && settings.Curriculum.PracticeLessons == 0)
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
            throw new CommandException(
                $"The student is to {(isAskedFirst ? "be asked first" : "practise")}, and this process serves none; add serve to "
                    + "run.roles, or give the address of one (--set curriculum.student=HOST:PORT).");
        }

        return student;
    }

    /// <summary>Asks a student of this process as soon as it answers; until then teachers are asked.</summary>
    /// <param name="student">The student.</param>
    /// <param name="scorer">The same, asked how likely it finds answers.</param>
    /// <param name="answers">Completes when it answers.</param>
    public void Follow(ITextGenerator student, ITextScorer scorer, Task answers) => answers.ContinueWith(
        loaded =>
        {
            if (_channel is not null)
            {
                return;
            }

            if (loaded.IsCompletedSuccessfully)
            {
                Ask(student, scorer);
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
        var prompt = PromptOf(request) with { Temperature = sample == 0 ? 0 : SampledAt, Seed = (ulong)sample };
        var answer = await GenerateAsync(prompt, cancellationToken);
        return answer.Refusal is null ? new StudentAnswer(answer.Text, answer.Version) : null;
    }

    /// <summary>What the student says to practise: a sample, of each question the same by the same version.</summary>
    /// <param name="request">The question.</param>
    /// <param name="temperature">Of its sampling.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="CommandException">It does not answer now; the message says why.</exception>
    public Task<GeneratedAnswer> PractiseAsync(TeacherRequest request, double temperature, CancellationToken cancellationToken) =>
        GenerateAsync(PromptOf(request) with { Temperature = temperature, Seed = (ulong)request.Number }, cancellationToken);

    /// <summary>The student's loss on an answer, in nats a token; null where it can never tell: the text is beyond its context.</summary>
    /// <param name="request">The question.</param>
    /// <param name="prompt">How it is put, in place of its own text.</param>
    /// <param name="answer">The answer; not empty.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="CommandException">It does not answer now; the message says why.</exception>
    public async Task<double?> LossAsync(TeacherRequest request, string prompt, string answer, CancellationToken cancellationToken)
    {
        try
        {
            return await WithPlaceAsync(
                async _ => (await _scorer!.LossAsync(PromptOf(request) with { Text = prompt }, answer, cancellationToken)).PerToken,
                cancellationToken);
        }
        catch (CommandException failure) when (failure.InnerException is { } told && _scorer?.RefusalOf(told) is not null)
        {
            return null;
        }
    }

    private Prompt PromptOf(TeacherRequest request) => new()
    {
        Text = request.Query.Prompt,
        SystemMessage = request.SystemMessage,
        MaxTokens = _maxTokens,
    };

    private Task<GeneratedAnswer> GenerateAsync(Prompt prompt, CancellationToken cancellationToken) =>
        WithPlaceAsync(student => student.GenerateAsync(prompt, cancellationToken), cancellationToken);

    private async Task<T> WithPlaceAsync<T>(Func<ITextGenerator, Task<T>> ask, CancellationToken cancellationToken)
    {
        if (_student is not { } student)
        {
            throw new CommandException(_why);
        }

        await _places.WaitAsync(cancellationToken);
        try
        {
            return await ask(student);
        }
        catch (RpcException failure) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(failure.Status.Detail, failure, cancellationToken);
        }
        catch (Exception failure) when (failure is RpcException or GenerationException)
        {
            var said = failure is RpcException call ? call.Status.Detail : failure.Message;
            throw new CommandException($"the student at {student.Name} says: {said.TrimEnd('.')}", failure);
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
        var student = new RemoteStudent(new InferenceService.InferenceServiceClient(_channel), address.Authority);
        Ask(student, student);
    }

    internal void Ask(ITextGenerator student, ITextScorer? scorer = null)
    {
        _scorer = scorer;
        _student = new PatientStudent(student, Patience, _clock);
    }
}
