namespace Orca.Serving.Security;

/// <summary>What a caller may do.</summary>
public enum AccessScope
{
    /// <summary>Ask the student, and see what is served.</summary>
    Read,

    /// <summary>Also load, activate, pause, drain, tune.</summary>
    Control,
}
