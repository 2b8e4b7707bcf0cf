using System.Collections.Immutable;
using System.Globalization;
using Orca.Cli.Commands;
using Orca.Cli.Configuration;

namespace Orca.Cli.Data;

/// <summary>The data sets that can be pulled by name, as <c>catalogue.tsv</c> of this assembly lists them.</summary>
internal static class DataCatalogue
{
    private const int Suggested = 3;

    /// <summary>Every set, by name.</summary>
    public static ImmutableArray<DataSet> Sets { get; } = Read();

    /// <summary>The set of this name.</summary>
    /// <exception cref="CommandException">There is none; the message lists the nearest names.</exception>
    public static DataSet Find(string name) =>
        Sets.FirstOrDefault(set => set.Name == name.ToLowerInvariant()) ?? throw new CommandException(
            $"There is no data set '{name}'; the nearest are {string.Join(", ", Nearest(name))}, and 'orca data list' shows all.");

    private static IEnumerable<string> Nearest(string name)
    {
        // A long word costs its length times theirs, and is near none anyway.
        var word = name[..Math.Min(name.Length, 64)].ToLowerInvariant();
        return Sets
            .Select(set => set.Name)
            .OrderByDescending(known => word.Length > 0 && known.StartsWith(word, StringComparison.Ordinal))
            .ThenBy(known => EditDistance.Between(word, known))
            .Take(Suggested);
    }

    private static ImmutableArray<DataSet> Read()
    {
        using var lines = new StreamReader(typeof(DataCatalogue).Assembly.GetManifestResourceStream("catalogue.tsv")!);
        var sets = ImmutableArray.CreateBuilder<DataSet>();
        while (lines.ReadLine() is { } line)
        {
            switch (line.Split('\t'))
            {
                case ["set", var name, var repository, var commit, var use, var what]:
                    sets.Add(new DataSet(name, repository, commit, use == "evaluation", what, []));
                    break;
                case ["file", var path, var origin, var bytes, var sha256, var licence]:
                    var file = new DataFile(path, origin, long.Parse(bytes, CultureInfo.InvariantCulture), sha256, licence);
                    sets[^1] = sets[^1] with { Files = sets[^1].Files.Add(file) };
                    break;
            }
        }

        return sets.ToImmutable();
    }
}
