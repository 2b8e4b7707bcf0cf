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
}

/// <summary>A checkpoint that is not loaded for reasons that are not in it.</summary>
internal sealed class LoadRefusedException(string message) : Exception(message);
