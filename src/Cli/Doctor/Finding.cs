namespace Orca.Cli.Doctor;

/// <summary>One thing the doctor looked at.</summary>
/// <param name="Section">Heading it stands under.</param>
/// <param name="Name">What was looked at.</param>
/// <param name="Value">What was found, with units; where it failed also what was expected and what to do.</param>
/// <param name="Passed">False where it keeps Orca from working.</param>
internal sealed record Finding(string Section, string Name, string Value, bool Passed = true);
