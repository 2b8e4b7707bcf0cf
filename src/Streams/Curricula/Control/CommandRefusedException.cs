namespace Orca.Streams.Curricula.Control;

/// <summary>A command was refused, and nothing has changed; the message is one sentence that names why and what to do.</summary>
public sealed class CommandRefusedException(string message, RefusalKind kind = RefusalKind.Invalid) : Exception(message)
{
    /// <summary>Why.</summary>
    public RefusalKind Kind { get; } = kind;
}

/// <summary>Why a command is refused.</summary>
public enum RefusalKind
{
    /// <summary>It is wrong here and now.</summary>
    Invalid,

    /// <summary>The state is not at the revision that the caller expects.</summary>
    Outdated,

    /// <summary>The id belongs to another command.</summary>
    IdTaken,

    /// <summary>It could not be kept (a full disk): it may be sent again.</summary>
    NotKept,

    /// <summary>The curriculum is over.</summary>
    Over,
}
