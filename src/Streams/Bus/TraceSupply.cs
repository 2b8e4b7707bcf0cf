namespace Orca.Streams.Bus;

/// <summary>What may still come for a stage.</summary>
public enum TraceSupply
{
    /// <summary>Further traces.</summary>
    Open,

    /// <summary>None while the mixture stays as it is: no task that is left weighs anything.</summary>
    Resting,

    /// <summary>None at all.</summary>
    UsedUp,
}
