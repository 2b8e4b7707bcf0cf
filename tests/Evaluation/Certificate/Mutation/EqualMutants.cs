using System.Collections.Frozen;

namespace Orca.Evaluation.Tests.Certificate.Mutation;

/// <summary>
/// Changes after which the extractor does the same for every response, so that none can tell them: one a line in <c>equal.txt</c>, with
/// the reason behind a bar.
/// </summary>
internal static class EqualMutants
{
    public static FrozenSet<string> Names { get; } = Read().ToFrozenSet();

    private static IEnumerable<string> Read()
    {
        using var stream = typeof(EqualMutants).Assembly.GetManifestResourceStream("equal.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                yield return line[..line.LastIndexOf(" || ", StringComparison.Ordinal)];
            }
        }
    }
}
