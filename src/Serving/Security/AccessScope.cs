namespace Orca.Serving.Security;

/// <summary>What a caller may do. Each may do what those before it may.</summary>
public enum AccessScope
{
    /// <summary>Ask the student, and see what is served and what it is taught.</summary>
    Read,

    /// <summary>Also ask to go first: requests of high priority overtake and displace others.</summary>
    Priority,

    /// <summary>Also load, activate, pause, drain, tune.</summary>
    Control,
}

/// <summary>Scopes as people write them.</summary>
public static class AccessScopeText
{
    /// <summary>Every scope's name, in lower case, joined for messages.</summary>
    public static string All { get; } = "read, priority or control";

    /// <summary>The name of a scope, in lower case.</summary>
    public static string Text(this AccessScope scope) => scope.ToString().ToLowerInvariant();

    /// <summary>The scope of a name in lower case; null where there is none.</summary>
    public static AccessScope? Parse(string text) =>
        Enum.GetValues<AccessScope>().Where(scope => scope.Text() == text).Select(scope => (AccessScope?)scope).FirstOrDefault();
}
