namespace Orca.Model.Weights;

/// <summary>How the bytes of weight files come into memory.</summary>
public enum WeightAccess
{
    /// <summary>
    /// Mapped: nothing is read until it is used, and the system may drop it again. Who cuts the file meanwhile ends the
    /// process, who overwrites it changes the weights.
    /// </summary>
    Mapped,

    /// <summary>
    /// Copied, each weight when it is first asked for, into memory of the process's own: whatever happens to the file then,
    /// a fault is an exception while it is read, and nothing at all afterwards.
    /// </summary>
    Copied,
}
