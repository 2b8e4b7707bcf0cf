using System.Runtime.Loader;
using System.Text.RegularExpressions;

namespace Orca.Evaluation.Tests.Certificate.Mutation;

/// <summary>A compiled extractor that can be run, and forgotten.</summary>
internal sealed class LoadedExtractor : IDisposable
{
    private readonly AssemblyLoadContext context = new("mutant", isCollectible: true);

    /// <param name="program">The assembly.</param>
    /// <param name="patterns">Its regular expressions by number; those of one program serve many.</param>
    public LoadedExtractor(byte[] program, Regex[] patterns)
    {
        var probe = context.LoadFromStream(new MemoryStream(program)).GetType("Orca.Streams.Answers.Probe")!;
        Extract = probe.GetMethod("Extract")!.CreateDelegate<Func<string, int, string?>>();
        Judge = probe.GetMethod("Judge")!.CreateDelegate<Func<string, int, string, string, int>>();
        Used = new bool[patterns.Length];
        probe.GetProperty("Patterns")!.SetValue(null, patterns);
        probe.GetProperty("Used")!.SetValue(null, Used);
    }

    public Func<string, int, string?> Extract { get; }

    public Func<string, int, string, string, int> Judge { get; }

    /// <summary>Which patterns were asked for since it was last cleared.</summary>
    public bool[] Used { get; }

    public void Dispose() => context.Unload();
}
