using System.Collections.Immutable;
using Grpc.Core;
using Grpc.Net.Client;
using Orca.Cli.Clients;
using Orca.Cli.Commands;
using Orca.Cli.Configuration;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Subjects;
using Orca.Protocol.Inference.V1;
using Orca.Streams.Scoring;
using Orca.Streams.Teachers;

namespace Orca.Cli.Collecting;

/// <summary>
/// The student's own loss on an answer, in nats a token, by the version that answers then: small where it would say the same, large where
/// there is most to learn.
/// </summary>
internal sealed class LossScorer : IScorer, IDisposable
{
    /// <summary>Its name.</summary>
    public const string ScoreName = "loss";

    private readonly TaskCompletionSource<ITextScorer> _student = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GrpcChannel? _channel;

    /// <inheritdoc/>
    public string Name => ScoreName;

    /// <summary>Whether there is no student yet, so that answers wait for their score.</summary>
    public bool IsWaiting => !_student.Task.IsCompleted;

    /// <summary>The scorer that the settings ask for: by the student that they name, or the one that this process serves.</summary>
    /// <returns>Null where they do not ask for it; <see cref="Follow"/> must be called where they name no student.</returns>
    /// <exception cref="CommandException">There is no student to ask.</exception>
    public static async Task<LossScorer?> OfAsync(OrcaSettings settings, CancellationToken cancellationToken)
    {
        var names = settings.Curriculum.Scores;
        var best = settings.Teacher.Answers > 1 ? settings.Teacher.Best : [];
        if (!names.Contains(ScoreName) && !best.Any(text => Preference.Of(text).Score == ScoreName))
        {
            return null;
        }

        return settings.Curriculum.Student is { } address ? await AtAsync(ServerAddress.Parse(address), cancellationToken)
            : settings.Run.Has("serve") ? new LossScorer()
            : throw new CommandException("The score 'loss' is a student's, and this process serves none; give the address of one "
                + "(--set curriculum.student=HOST:PORT).");
    }

    private static async Task<LossScorer> AtAsync(Uri address, CancellationToken cancellationToken)
    {
        var scorer = new LossScorer { _channel = ServerAddress.Open(address) };
        try
        {
            var student = new RemoteStudent(new InferenceService.InferenceServiceClient(scorer._channel), address.Authority);
            await ServerCalls.AtAsync(address, () => student.LossAsync(new Prompt { Text = "1 + 1" }, "2", cancellationToken));
            scorer._student.SetResult(student);
            return scorer;
        }
        catch
        {
            scorer.Dispose();
            throw;
        }
    }

    /// <summary>Asks a student of this process as soon as it answers; until then answers wait for their score.</summary>
    /// <param name="student">The student.</param>
    /// <param name="answers">Completes when it answers.</param>
    public void Follow(ITextScorer student, Task answers) => answers.ContinueWith(
        loaded =>
        {
            if (loaded.IsCompletedSuccessfully)
            {
                _student.TrySetResult(student);
            }
            else
            {
                _student.TrySetException(loaded.Exception?.InnerException ?? new OperationCanceledException());
            }
        },
        TaskScheduler.Default);

    /// <inheritdoc/>
    public async ValueTask<double?> ScoreAsync(Trace trace, ImmutableArray<Trace> answers, CancellationToken cancellationToken)
    {
        if (trace.Response.Length == 0)
        {
            return null;
        }

        var student = await _student.Task.WaitAsync(cancellationToken);
        var request = trace.Request;
        try
        {
            var prompt = new Prompt { Text = request.Query.Prompt, SystemMessage = request.SystemMessage };
            return (await student.LossAsync(prompt, trace.Response, cancellationToken)).PerToken;
        }
        catch (RpcException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException(
                failure.StatusCode == StatusCode.Unavailable || failure.Status.DebugException is not null
                    ? $"no student answers at {student.Name} any more; answers go without until it is started again."
                    : $"the student at {student.Name} says: {failure.Status.Detail.TrimEnd('.')}.",
                failure);
        }
    }

    public void Dispose() => _channel?.Dispose();
}
