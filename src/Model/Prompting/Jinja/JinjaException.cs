namespace Orca.Model.Prompting.Jinja;

/// <summary>A template cannot be rendered with the variables it was given, or refuses them itself. The message says why.</summary>
internal sealed class JinjaException(string message) : Exception(message);
