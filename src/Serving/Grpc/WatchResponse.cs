namespace Orca.Protocol.Curriculum.V1;

/// <content>What the server knows of it beside its fields.</content>
public sealed partial class WatchResponse
{
    /// <summary>Its bytes, where they are known; its fields are then not set.</summary>
    internal byte[]? Encoded { get; init; }
}
