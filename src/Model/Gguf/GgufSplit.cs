using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Orca.Model.Weights;

namespace Orca.Model.Gguf;

/// <summary>
/// Models that llama.cpp has split into several files: <c>NAME-00001-of-00003.gguf</c> and so on, each of which says in its
/// metadata which part it is and of how many. The first has the metadata of the model; tensors lie in all of them.
/// </summary>
internal static partial class GgufSplit
{
    private const string NumberKey = "split.no";
    private const string CountKey = "split.count";
    private const string TensorsKey = "split.tensors.count";
    private const int MostParts = 99_999;

    /// <summary>Opens the file of a path and all that belong to it.</summary>
    /// <returns>The parts in their order; the caller disposes them.</returns>
    /// <exception cref="ModelFormatException">A file is missing, malformed, or none of this model; the message names it.</exception>
    public static ImmutableArray<GgufPart> OpenAll(string path, WeightAccess access)
    {
        var opened = new List<GgufPart>();
        try
        {
            var given = GgufPart.Open(path, access);
            opened.Add(given);
            var (number, count) = PlaceOf(given);
            if (count == 1)
            {
                return [given];
            }

            var prefix = PrefixOf(given, number, count);
            for (var other = 0; other < count; other++)
            {
                if (other != number)
                {
                    opened.Insert(other, OpenOther(prefix, other, count, given, access));
                }
            }

            CheckTensors(opened);
            return [.. opened];
        }
        catch
        {
            foreach (var part in opened)
            {
                part.Dispose();
            }

            throw;
        }
    }

    /// <summary>
    /// The file to open of those in a folder: the only one, or the first there is of a single model that is split; else null.
    /// </summary>
    public static string? OnlyModel(IEnumerable<string> paths)
    {
        var sorted = paths.Order(StringComparer.Ordinal).ToList();
        return sorted is [var only] ? only
            : sorted.Count > 1 && sorted.Select(NameOfModel).Distinct().ToList() is [not null] ? sorted[0]
            : null;

        static string? NameOfModel(string path) =>
            PartName().Match(path) is { Success: true } match ? $"{match.Groups["model"]}/{match.Groups["count"]}" : null;
    }

    private static (int Number, int Count) PlaceOf(GgufPart part)
    {
        var (number, count) = (part.Metadata.Integer(NumberKey) ?? 0, part.Metadata.Integer(CountKey) ?? 1);
        return count is >= 0 and <= MostParts && number >= 0 && number < Math.Max(count, 1)
            ? ((int)number, (int)Math.Max(count, 1))
            : throw part.Metadata.Fault(
                NumberKey, FormattableString.Invariant($"is {number} of {count}; it must be a part's number, from 0"));
    }

    /// <summary>What the names of all parts begin with.</summary>
    private static string PrefixOf(GgufPart part, int number, int count)
    {
        var suffix = SuffixOf(number, count);
        return part.Path.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
            ? part.Path[..^suffix.Length]
            : throw new ModelFormatException(
                $"{part.Source} is part {number + 1} of {count} of a model, so its name must end in '{suffix}' for the others to be found: "
                + "give it back the name it was published under.");
    }

    private static string SuffixOf(int number, int count) =>
        string.Create(CultureInfo.InvariantCulture, $"-{number + 1:D5}-of-{count:D5}{GgufCheckpoint.Extension}");

    private static GgufPart OpenOther(string prefix, int number, int count, GgufPart given, WeightAccess access)
    {
        var path = prefix + SuffixOf(number, count);
        if (!File.Exists(path))
        {
            throw new ModelFormatException(
                $"'{path}' is missing: {given.Source} is one of {count} parts of a model, which must lie beside one another; download "
                    + "this one too.");
        }

        var part = GgufPart.Open(path, access);
        try
        {
            return PlaceOf(part) == (number, count) ? part : throw new ModelFormatException(
                $"{part.Source} says that it is part {PlaceOf(part).Number + 1} of {PlaceOf(part).Count}, not {number + 1} of {count}; "
                + $"it is of another model than {given.Source}, or was renamed.");
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    private static void CheckTensors(List<GgufPart> parts)
    {
        var found = parts.Sum(part => part.Tensors.Count);
        foreach (var part in parts)
        {
            if (part.Metadata.Integer(TensorsKey) is { } wanted && wanted != found)
            {
                throw new ModelFormatException(FormattableString.Invariant(
                    $"{part.Source} says that its model has {wanted} tensors; the {parts.Count} parts have {found} together: ")
                    + "they are not of one model, download them all again.");
            }
        }
    }

    [GeneratedRegex(@"^(?<model>.*)-\d{5}-of-(?<count>\d{5})\.gguf$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PartName();
}
