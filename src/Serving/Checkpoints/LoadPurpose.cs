namespace Orca.Serving.Checkpoints;

/// <summary>What a checkpoint is loaded for.</summary>
internal enum LoadPurpose
{
    /// <summary>A caller wants it in memory; it waits to be asked.</summary>
    Wait,

    /// <summary>A caller wants it to answer as soon as it is loaded.</summary>
    Answer,

    /// <summary>It has appeared in a folder that is followed, and answers if the gate lets it.</summary>
    Follow,
}
