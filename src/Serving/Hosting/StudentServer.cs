using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Orca.Model;
using Orca.Model.Checkpoints;
using Orca.Model.Prompting;
using Orca.Serving.Checkpoints;
using Orca.Serving.Engine;
using Orca.Serving.Requests;

namespace Orca.Serving.Hosting;

/// <summary>
/// A student that answers: an engine, and what brings versions to it. In process by itself; on gRPC with a
/// <see cref="ServingHost"/>. Stops when disposed.
/// </summary>
public sealed class StudentServer : IAsyncDisposable
{
    private readonly CancellationTokenSource end = new();
    private readonly BackgroundTasks loads = new();
    private readonly CheckpointLoader loader;
    private readonly string? root;
    private readonly Task following;
    private readonly ILogger logger;

    private StudentServer(
        EngineOptions options, LoadingOptions? loading, ILoggerFactory loggers, TimeProvider? time, string served, bool isRoot)
    {
        var clock = time ?? TimeProvider.System;
        loading ??= new LoadingOptions();
        var faults = options.Faults().AddRange(loading.Faults());
        if (!faults.IsEmpty)
        {
            throw new ServingException(string.Join(" ", faults));
        }

        logger = loggers.CreateLogger<CheckpointLoader>();
        root = isRoot ? served : null;
        Loadable = new LoadableFolders(served, loading.CheckpointFolders);
        var remembered = root is null ? null : new QuarantineFile(root, logger);
        remembered?.Check();
        Options = options;
        Started = clock.GetUtcNow();
        Versions = new VersionRegistry(clock);
        Engine = new InferenceEngine(options, Versions, clock, loggers.CreateLogger<InferenceEngine>());
        var quarantine = new Quarantine(clock, remembered);
        loader = new CheckpointLoader(Engine, Versions, options, loading, quarantine, clock, logger);
        var follower = new CheckpointFollower(loader, quarantine, Versions, loading.MinInterval, clock, logger);
        following = root is null
            ? Task.Delay(Timeout.Infinite, end.Token)
            : follower.FollowAsync(new CheckpointRoot(root, time), end.Token);
        Completion = CompleteAsync();
    }

    /// <summary>How it runs.</summary>
    public EngineOptions Options { get; }

    /// <summary>When it began.</summary>
    public DateTimeOffset Started { get; }

    /// <summary>What callers from outside the process may have loaded.</summary>
    public LoadableFolders Loadable { get; }

    /// <summary>Answers requests.</summary>
    public InferenceEngine Engine { get; }

    /// <summary>How the version that answers is asked; null while none does.</summary>
    public PromptTemplate? Template => Engine.ActiveVersion is null ? null : Engine.Current.Language.Template;

    /// <summary>What is served, and what became of every checkpoint.</summary>
    public VersionRegistry Versions { get; }

    /// <summary>How new requests are divided between versions, in percent; empty until the first version answers.</summary>
    public ImmutableArray<(long Version, int Percent)> Traffic => loader.Switch.Loaded.Traffic;

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
    /// <param name="loading">How new versions are checked, taken over and kept; null: as by default.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="ModelFormatException">There is no such folder, or the model is unusable.</exception>
    /// <exception cref="ServingException">An option is out of range.</exception>
    public static Task<StudentServer> StartAsync(
        string model, EngineOptions options, ILoggerFactory loggers, TimeProvider? clock = null, LoadingOptions? loading = null,
        CancellationToken cancellationToken = default)
    {
        if (Checkpoint.IsModel(model))
        {
            return OpenAsync(model, options, loggers, clock, loading, cancellationToken);
        }

        var inRun = Path.Combine(model, "checkpoints");
        var root = Directory.Exists(inRun) ? inRun : model;
        var isRoot = Directory.Exists(root)
            && (Directory.EnumerateFileSystemEntries(root).All(entry => QuarantineFile.Owns(Path.GetFileName(entry)))
                || new CheckpointRoot(root).List().Count > 0);
        return isRoot
            ? Task.FromResult(Follow(root, options, loggers, clock, loading))
            : throw ModelPath.Fault(model);
    }

    /// <summary>Serves one model folder.</summary>
    /// <exception cref="ModelFormatException">The model is missing or unusable.</exception>
    /// <exception cref="ServingException">An option is out of range.</exception>
    public static async Task<StudentServer> OpenAsync(
        string folder, EngineOptions options, ILoggerFactory loggers, TimeProvider? clock = null, LoadingOptions? loading = null,
        CancellationToken cancellationToken = default)
    {
        var server = new StudentServer(options, loading, loggers, clock, folder, isRoot: false);
        try
        {
            await server.loader.LoadAsync(folder, server.loader.Begin(folder), LoadPurpose.Answer, lift: false, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Serves the newest of a folder of checkpoints, which need not exist yet, and every later one.</summary>
    /// <exception cref="ServingException">An option is out of range, or its quarantine is unusable.</exception>
    public static StudentServer Follow(
        string root, EngineOptions options, ILoggerFactory loggers, TimeProvider? clock = null, LoadingOptions? loading = null) =>
        new(options, loading, loggers, clock, root, isRoot: true);

    /// <summary>
    /// Reads, checks and probes a checkpoint beside the one that answers, and tells how far it is: the version after each
    /// change, the last time when it is ready, active or rejected. Who reads slowly gets the newest state, not every one
    /// between. If the reader leaves, loading goes on.
    /// </summary>
    /// <param name="checkpoint">Name of a checkpoint in the folder that is followed, or path of a model's folder.</param>
    /// <param name="activate">Whether it answers as soon as it is loaded; else it waits for <see cref="ActivateAsync"/>.</param>
    /// <param name="lift">Whether it is taken out of quarantine; else it is rejected where it is in there.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<VersionRecord> LoadAsync(
        string checkpoint, bool activate, bool lift = false, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var folder = root is not null && Directory.Exists(Path.Combine(root, checkpoint)) ? Path.Combine(root, checkpoint) : checkpoint;
        var number = loader.Begin(folder);
        loads.Start(() => LoadAsync(folder, number, activate, lift));
        await foreach (var record in Versions.WatchAsync(0, cancellationToken).Where(record => record.Number == number))
        {
            yield return record;
            if (record.State is not (VersionState.Staged or VersionState.Validating or VersionState.Probed)
                && (record.State != VersionState.Ready || !activate))
            {
                yield break;
            }
        }
    }

    /// <summary>Has a loaded version answer new requests, from the step after the one in progress.</summary>
    /// <param name="version">The version.</param>
    /// <param name="etag">Its <see cref="VersionRecord.ETag"/> as last read; null is not compared.</param>
    /// <param name="inFlight">What becomes of the requests that run now; null: what each asked for.</param>
    /// <param name="validateOnly">Only says whether it could be done.</param>
    /// <exception cref="GenerationException">It is unknown, not loaded, or has changed since.</exception>
    public async Task<VersionRecord> ActivateAsync(long version, string? etag = null, OnUpdate? inFlight = null, bool validateOnly = false)
    {
        await loader.Switch.ActivateAsync(version, etag, inFlight, validateOnly);
        return Known(version);
    }

    /// <summary>
    /// Returns to an earlier version, and quarantines the one left, which is not loaded again: to one that is loaded still, or
    /// where memory holds one at a time to the one replaced last, which is loaded again.
    /// </summary>
    /// <param name="to">The version to return to; null: the one that was active last.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <returns>The version returned to.</returns>
    /// <exception cref="GenerationException">
    /// There is none, it is not loaded, or it cannot be loaded again: what answered goes on.
    /// </exception>
    public async Task<VersionRecord> RollbackAsync(long? to, string reason) =>
        Known(await loader.RollbackAsync(to, reason, RollbackCause.Command));

    /// <summary>Divides new requests between loaded versions.</summary>
    /// <param name="shares">In percent, together 100; empty: all to the active version.</param>
    /// <exception cref="GenerationException">A version is unknown or not loaded, or the shares make no sense.</exception>
    public Task SetTrafficAsync(ImmutableArray<(long Version, int Percent)> shares) => loader.Switch.SetTrafficAsync(shares);

    /// <summary>Takes a version out of memory when its last request has ended.</summary>
    /// <exception cref="GenerationException">It is unknown, not loaded, or new requests go to it.</exception>
    public async Task<VersionRecord> UnloadAsync(long version)
    {
        await loader.Switch.UnloadAsync(version);
        return Known(version);
    }

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
        await loads.EndAsync();
        await Engine.DisposeAsync();
        await loader.DisposeAsync();
        end.Dispose();
    }

    private VersionRecord Known(long version) =>
        Versions.Find(version)
            ?? throw new GenerationException(Failure.UnknownVersion, $"There is no version {version}.") { Subject = $"{version}" };

    private async Task LoadAsync(string folder, long number, bool activate, bool lift)
    {
        try
        {
            await loader.LoadAsync(folder, number, activate ? LoadPurpose.Answer : LoadPurpose.Wait, lift, end.Token);
        }
        catch (Exception fault) when (!LoadFaults.IsOfServer(fault))
        {
            // On record, where the one who asked for it reads it, and in the log.
        }
    }

    private async Task CompleteAsync()
    {
        try
        {
            await await Task.WhenAny(Engine.Completion, following, loads.Broken, loader.Broken);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Only the watch ended; the engine follows.
        }
        catch (Exception fault) when (!Engine.Completion.IsFaulted)
        {
            LoaderLog.ServerBroken(logger, fault);
            throw;
        }

        await Engine.Completion;
    }
}
