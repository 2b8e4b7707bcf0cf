using System.Runtime.InteropServices;
using Orca.Model;
using Orca.Serving.Batching;
using Orca.Serving.Requests;

namespace Orca.Serving.Checkpoints;

/// <summary>
/// What a failed load says of its checkpoint. Whatever is thrown rejects the version, known kind or not; only a server that
/// contradicts itself ends.
/// </summary>
internal static class LoadFaults
{
    /// <summary>Whether the server contradicts itself, and must not go on.</summary>
    public static bool IsOfServer(Exception fault) => Chain(fault).Any(link => link is EngineInvariantException);

    /// <summary>Whether loading was given up because the server stops.</summary>
    public static bool IsGivenUp(Exception fault) =>
        fault is OperationCanceledException or GenerationException { Failure: Failure.Stopping };

    /// <summary>
    /// What the same files would bring about again: all but what the machine or its other programs had a part in, such as files
    /// that cannot be read, and too little memory.
    /// </summary>
    public static bool IsOfContent(Exception fault) => !Chain(fault).Any(IsCircumstance);

    /// <summary>Files that could not be read just now, and perhaps can in a while.</summary>
    public static bool IsOfReading(Exception fault) => Chain(fault).Any(link => link is IOException or UnauthorizedAccessException);

    /// <summary>What a failed load counts as; null where it was only given up.</summary>
    public static RefusalCause? CauseOf(Exception fault) => fault switch
    {
        _ when IsGivenUp(fault) => null,
        LoadRefusedException refused => refused.Cause,
        CheckpointRejectedException => RefusalCause.Unfit,
        _ => IsOfContent(fault) ? RefusalCause.Damaged : RefusalCause.Circumstance,
    };

    /// <summary>Whether nobody foresaw it, so that where it was thrown is of interest.</summary>
    public static bool IsUnforeseen(Exception fault) => !IsGivenUp(fault) && fault is not (
        ModelFormatException or CheckpointRejectedException or LoadRefusedException or GenerationException
        or OutOfMemoryException or ExternalException or IOException or UnauthorizedAccessException);

    /// <summary>One sentence that says why a checkpoint is not served, and what to do.</summary>
    public static string SentenceOf(Exception fault, string folder) => fault switch
    {
        _ when IsGivenUp(fault) => "Loading was given up: the server stops.",
        OutOfMemoryException =>
            $"'{folder}' does not fit into the memory that is left; serve it in fewer bits (serving.weights), or free some.",
        IOException or UnauthorizedAccessException or ExternalException =>
            $"'{folder}' could not be loaded ({FirstLine(fault)}); mend that and load it again.",
        _ when IsUnforeseen(fault) => $"'{folder}' is not understood ({fault.GetType().Name}: {FirstLine(fault)}); "
            + "convert or publish it anew, and report this where other programs read it.",
        _ => fault.Message,
    };

    private static bool IsCircumstance(Exception fault) =>
        fault is LoadRefusedException or GenerationException or OperationCanceledException
        or OutOfMemoryException or ExternalException or UnauthorizedAccessException or (IOException and not EndOfStreamException);

    private static string FirstLine(Exception fault) => fault.Message.Split('\n')[0].Trim().TrimEnd('.');

    private static IEnumerable<Exception> Chain(Exception? fault)
    {
        for (; fault is not null; fault = fault.InnerException)
        {
            yield return fault;
        }
    }
}

/// <summary>A checkpoint that is not loaded for reasons that are not in its files.</summary>
internal sealed class LoadRefusedException(string message, RefusalCause cause = RefusalCause.Circumstance) : Exception(message)
{
    /// <summary>What it counts as.</summary>
    public RefusalCause Cause { get; } = cause;
}
