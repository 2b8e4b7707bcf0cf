namespace Orca.Model.Prompting.Jinja;

/// <summary>A template is malformed, or uses something by a name that is not known here.</summary>
/// <param name="line">Line of the template, from 1.</param>
/// <param name="fault">What is wrong there; no full stop.</param>
internal sealed class JinjaSyntaxException(int line, string fault) : Exception($"line {line}: {fault}");
