using Microsoft.Extensions.Logging;
using Orca.Model;
using Orca.Model.Checkpoints;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;

namespace Orca.Serving.Hosting;

/// <summary>
/// A student that answers: an engine, and what brings versions to it. In process by itself; on gRPC with a
/// <see cref="ServingHost"/>. Stops when disposed.
/// </summary>
public sealed class StudentServer : IAsyncDisposable
{
    private readonly CancellationTokenSource end = new();
    private readonly CheckpointLoader loader;
    private readonly Task following;

    private StudentServer(EngineOptions options, ILoggerFactory loggers, TimeProvider clock, CheckpointRoot? root)
    {
        var faults = options.Faults();
        if (!faults.IsEmpty)
        {
            throw new ServingException(string.Join(" ", faults));
        }

        Versions = new VersionRegistry(clock);
        Engine = new InferenceEngine(options, Versions, clock, loggers.CreateLogger<InferenceEngine>());
        loader = new CheckpointLoader(Engine, Versions, options, loggers.CreateLogger<CheckpointLoader>());
        following = root is null ? Task.CompletedTask : loader.FollowAsync(root, end.Token);
        Completion = CompleteAsync();
    }

    /// <summary>Answers requests.</summary>
    public InferenceEngine Engine { get; }

    /// <summary>What is served, and what became of every checkpoint.</summary>
    public VersionRegistry Versions { get; }

    /// <summary>Ends when the engine has stopped; faulted where its state broke, or what brings versions to it did.</summary>
    public Task Completion { get; }

    /// <summary>
    /// Serves a model folder, which has a <c>config.json</c>, a GGUF file, or the newest of a folder of checkpoints and every later one.
    /// A folder of checkpoints may be empty still; requests are refused until the first appears.
    /// </summary>
    /// <param name="model">The model folder or file, the folder of checkpoints, or a run's folder with <c>checkpoints</c> in it.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="loggers">Take the log.</param>
    /// <param name="clock">Tells the time; null: the system's.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="ModelFormatException">There is no such folder, or the model is unusable.</exception>
    /// <exception cref="ServingException">An option is out of range.</exception>
    public static Task<StudentServer> StartAsync(
        string model, EngineOptions options, ILoggerFactory loggers, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        if (Checkpoint.IsModel(model))
        {
            return OpenAsync(model, options, loggers, clock, cancellationToken);
        }

        var inRun = Path.Combine(model, "checkpoints");
        var root = Directory.Exists(inRun) ? inRun : model;
        var isRoot = Directory.Exists(root)
            && (!Directory.EnumerateFileSystemEntries(root).Any() || new CheckpointRoot(root).List().Count > 0);
        return isRoot
            ? Task.FromResult(Follow(root, options, loggers, clock))
            : throw new ModelFormatException(
                $"'{model}' is no model: give a folder with a config.json, a GGUF file (.gguf), or a folder of checkpoints (step-…).");
    }

    /// <summary>Serves one model folder.</summary>
    /// <exception cref="ModelFormatException">The model is missing or unusable.</exception>
    /// <exception cref="ServingException">An option is out of range.</exception>
    public static async Task<StudentServer> OpenAsync(
        string folder, EngineOptions options, ILoggerFactory loggers, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        var server = new StudentServer(options, loggers, clock ?? TimeProvider.System, root: null);
        try
        {
            await server.loader.LoadAsync(folder, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Serves the newest of a folder of checkpoints, which need not exist yet, and every later one.</summary>
    /// <exception cref="ServingException">An option is out of range.</exception>
    public static StudentServer Follow(string root, EngineOptions options, ILoggerFactory loggers, TimeProvider? clock = null) =>
        new(options, loggers, clock ?? TimeProvider.System, new CheckpointRoot(root, clock));

    /// <summary>Waits until a version of this trainer's step, or a later one, answers.</summary>
    public async Task<VersionRecord> WaitForStepAsync(long trainerStep, CancellationToken cancellationToken)
    {
        await foreach (var record in Versions.WatchAsync(0, cancellationToken))
        {
            if (record.State == VersionState.Active && record.TrainerStep >= trainerStep)
            {
                return record;
            }
        }

        throw new InvalidOperationException("The watch over versions ended by itself.");
    }

    /// <summary>Takes no further version, and fails what is in flight.</summary>
    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Engine.DisposeAsync();
        end.Dispose();
    }

    private async Task CompleteAsync()
    {
        try
        {
            await await Task.WhenAny(Engine.Completion, following);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Only the watch ended; the engine follows.
        }

        await Engine.Completion;
    }
}
