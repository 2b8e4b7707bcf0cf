namespace Orca.Cli.Commands;

/// <summary>
/// Work that cannot be cancelled, such as reading a model. It must leave nothing half-made: where its caller is interrupted, it is left
/// to itself, and ends with the process.
/// </summary>
internal static class Abandonable
{
    /// <summary>Does the work on another thread.</summary>
    /// <exception cref="OperationCanceledException">It was left.</exception>
    public static Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken) =>
        Task.Run(work, CancellationToken.None).WaitAsync(cancellationToken);

    /// <summary>Does work that is asynchronous already.</summary>
    /// <exception cref="OperationCanceledException">It was left.</exception>
    public static Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken) =>
        Task.Run(work, CancellationToken.None).WaitAsync(cancellationToken);
}
