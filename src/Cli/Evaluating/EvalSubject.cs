using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Orca.Cli.Clients;
using Orca.Cli.Commands;
using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Subjects;
using Orca.Protocol.Inference.V1;
using Orca.Protocol.Model.V1;
using Orca.Serving.Hosting;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Cli.Evaluating;

/// <summary>Who is asked by an evaluation, and what is held open for it.</summary>
/// <param name="Student">Who answers.</param>
/// <param name="Scorer">Who tells likelihoods; null where nobody does.</param>
/// <param name="Release">Closes what is held open.</param>
internal sealed record EvalSubject(ITextGenerator Student, ITextScorer? Scorer, Func<ValueTask> Release) : IAsyncDisposable
{
    private const int DigestLetters = 12;

    // A server that is restarted, and an endpoint's quota of a minute, are waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The only version that can answer, named by its weights; null where it may change, or nobody tells.</summary>
    public string? Version { get; init; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Release();

    /// <summary>A student behind a server.</summary>
    /// <exception cref="CommandException">No server answers there; one that is busy, or has no version yet, is waited for.</exception>
    public static async Task<EvalSubject> AtAsync(Uri address, CancellationToken cancellationToken)
    {
        var channel = ServerAddress.Open(address);
        var student = new RemoteStudent(
            new InferenceService.InferenceServiceClient(channel), address.Authority,
            new RemoteVersions(new ModelService.ModelServiceClient(channel)));
        try
        {
            await ServerCalls.AtAsync(
                address, () => student.GenerateAsync(new Prompt { Text = "1 + 1", MaxTokens = 1 }, cancellationToken));
        }
        catch (RpcException busy) when (PatientStudent.IsRefusal(busy))
        {
            // There is a server.
        }
        catch
        {
            channel.Dispose();
            throw;
        }

        var patient = new PatientStudent(student, Patience, TimeProvider.System, WaitingNotes.OnStandardError().Tell);
        return new EvalSubject(patient, student, () =>
        {
            channel.Dispose();
            return ValueTask.CompletedTask;
        });
    }

    /// <summary>A student in this process.</summary>
    public static async Task<EvalSubject> InProcessAsync(string folder, OrcaSettings settings, CancellationToken cancellationToken)
    {
        var server = await Abandonable.RunAsync(
            () => StudentServer.OpenAsync(
                ModelFolder.Newest(folder), ServingSide.EngineOptionsOf(settings), NullLoggerFactory.Instance,
                cancellationToken: cancellationToken),
            cancellationToken);
        var active = server.Versions.Active!;
        var version = active.Digest.Length >= DigestLetters ? $"{active.Checkpoint} {active.Digest[..DigestLetters]}" : null;
        var student = new LocalStudent(server.Engine, folder, label: version);
        return new EvalSubject(student, student, server.DisposeAsync) { Version = version };
    }

    /// <summary>A model behind an OpenAI-compatible endpoint.</summary>
    /// <param name="url">Its address up to, not including, <c>/chat/completions</c>.</param>
    /// <param name="model">The model.</param>
    /// <param name="keyVariable">Environment variable that holds the key; null for none.</param>
    public static EvalSubject AtEndpoint(Uri url, string model, string? keyVariable)
    {
        var endpoint = TeacherEndpoint.Open(new EndpointOptions
        {
            Name = $"{model} at {url.GetLeftPart(UriPartial.Path).TrimEnd('/')}",
            Url = url,
            Model = model,
            KeyVariable = keyVariable,
        });
        var student = new EndpointStudent(endpoint, Patience, TimeProvider.System, WaitingNotes.OnStandardError().Tell);
        return new EvalSubject(student, null, () =>
        {
            endpoint.Dispose();
            return ValueTask.CompletedTask;
        });
    }
}
