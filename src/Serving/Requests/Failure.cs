namespace Orca.Serving.Requests;

/// <summary>Why a request got no answer.</summary>
public enum Failure
{
    /// <summary>A field is out of range, or the prompt does not fit the context.</summary>
    InvalidRequest,

    /// <summary>A request of the same name is in flight.</summary>
    DuplicateRequest,

    /// <summary>No request of this name is in flight.</summary>
    UnknownRequest,

    /// <summary>There is no such version, or it is forgotten.</summary>
    UnknownVersion,

    /// <summary>The version is not loaded, older than was asked for, or in a state that does not allow what was asked.</summary>
    VersionNotReady,

    /// <summary>The version has changed since it was read, or another change is under way.</summary>
    VersionChanged,

    /// <summary>The checkpoint's files are damaged.</summary>
    CheckpointDamaged,

    /// <summary>Too many requests wait, or too many tokens.</summary>
    QueueFull,

    /// <summary>The cache has no room for it, now or in time.</summary>
    CacheFull,

    /// <summary>The tenant has as many requests or tokens in the server as it may.</summary>
    QuotaExceeded,

    /// <summary>It would not begin, or not be done, by the time its caller gives up.</summary>
    DeadlineTooSoon,

    /// <summary>It waited as long as it may, and had not begun.</summary>
    WaitedTooLong,

    /// <summary>No version is loaded yet.</summary>
    NoModel,

    /// <summary>Generation is paused.</summary>
    Paused,

    /// <summary>The server drains.</summary>
    Draining,

    /// <summary>The engine stops.</summary>
    Stopping,

    /// <summary>A step of the engine failed.</summary>
    StepFailed,

    /// <summary>The caller showed no key, or one that is unknown.</summary>
    Unauthenticated,

    /// <summary>The caller's key lacks the scope.</summary>
    PermissionDenied,

    /// <summary>The server has no curriculum.</summary>
    NoCurriculum,

    /// <summary>The curriculum is over and takes no more commands.</summary>
    CurriculumOver,

    /// <summary>The curriculum is not at the revision that the command expects.</summary>
    CurriculumChanged,

    /// <summary>The command's id belongs to another command.</summary>
    CommandIdTaken,

    /// <summary>The command could not be kept, so nothing has changed.</summary>
    CommandNotKept,
}
