using System.Collections.Immutable;
using Orca.Cli.Commands;

namespace Orca.Cli.Experimenting;

/// <summary>The experiments that come with the program, each a JSON file as a user would write it.</summary>
internal static class BuiltInExperiments
{
    private const string Prefix = "experiments.";
    private const string Suffix = ".json";

    /// <summary>Their names.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        .. typeof(BuiltInExperiments).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Suffix.Length]).Order(StringComparer.Ordinal),
    ];

    /// <summary>The text of an experiment: a built-in one's, or that of a file.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static string Read(string name)
    {
        if (Names.Contains(name))
        {
            using var stream = typeof(BuiltInExperiments).Assembly.GetManifestResourceStream($"{Prefix}{name}{Suffix}")!;
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }

        try
        {
            return File.ReadAllText(name);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                $"There is no experiment '{name}' ({failure.Message.TrimEnd('.')}); give one of {string.Join(", ", Names)}, or a JSON "
                    + "file of your own.");
        }
    }
}
