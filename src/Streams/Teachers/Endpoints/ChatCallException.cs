namespace Orca.Streams.Teachers.Endpoints;

/// <summary>A call of a chat endpoint that gave no answer; carries what came back.</summary>
/// <param name="attempt">What became of it.</param>
internal sealed class ChatCallException(Attempt attempt) : Exception($"The endpoint {attempt.Message}.", attempt.Exception)
{
    /// <summary>What became of it.</summary>
    public Attempt Attempt { get; } = attempt;

    /// <summary>The reply's status; null where none came.</summary>
    public int? Status { get; init; }

    /// <summary>The reply's body; null where none came, or too much.</summary>
    public string? Body { get; init; }
}
