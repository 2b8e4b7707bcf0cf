using System.Runtime.InteropServices;
using Orca.Model;

namespace Orca.Serving.Checkpoints;

/// <summary>Whose fault it is when a load fails.</summary>
internal static class LoadFaults
{
    /// <summary>Unreadable files, too little memory for it, and what its operators make of it are the checkpoint's; the rest is ours.</summary>
    public static bool IsOfCheckpoint(Exception fault) => fault is
        ModelFormatException or CheckpointRejectedException or LoadRefusedException or IOException or UnauthorizedAccessException
        or ExternalException or OutOfMemoryException;

    /// <summary>What the same files would bring about again.</summary>
    public static bool IsOfContent(Exception fault) => fault is CheckpointRejectedException
        or ModelFormatException { InnerException: not (IOException or UnauthorizedAccessException or OutOfMemoryException) };

    /// <summary>What a failed load counts as; null where it was only given up.</summary>
    public static RefusalCause? CauseOf(Exception fault) => fault switch
    {
        OperationCanceledException => null,
        LoadRefusedException refused => refused.Cause,
        CheckpointRejectedException => RefusalCause.Unfit,
        _ => IsOfContent(fault) ? RefusalCause.Damaged : RefusalCause.Circumstance,
    };
}

/// <summary>A checkpoint that is not loaded for reasons that are not in its files.</summary>
internal sealed class LoadRefusedException(string message, RefusalCause cause = RefusalCause.Circumstance) : Exception(message)
{
    /// <summary>What it counts as.</summary>
    public RefusalCause Cause { get; } = cause;
}
