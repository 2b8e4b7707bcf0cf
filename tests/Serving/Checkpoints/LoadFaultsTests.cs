using System.Runtime.InteropServices;
using Orca.Model;
using Orca.Serving.Batching;
using Orca.Serving.Checkpoints;
using Orca.Serving.Requests;

namespace Orca.Serving.Tests.Checkpoints;

/// <summary>What is made of whatever a load throws.</summary>
public class LoadFaultsTests
{
    public static TheoryData<Exception, string> Circumstances => new()
    {
        { new OutOfMemoryException(), "memory" },
        { new ExternalException("CUDA out of memory. Tried to allocate 2 GiB.\n at Exception raised from malloc"), "CUDA out of memory" },
        { new ModelFormatException("'m' cannot be read: denied.", new UnauthorizedAccessException("denied")), "denied" },
        { new ModelFormatException("'m' cannot be used.", new ModelFormatException("'w' was cut.", new IOException("gone"))), "cannot be used" },
        { new ModelFormatException("'m' failed.", new ExternalException("CUDA out of memory")), "failed" },
        { new GenerationException(Failure.VersionNotReady, "Version 3 is not loaded."), "Version 3" },
    };

    public static TheoryData<Exception, string> Contents => new()
    {
        { new ModelFormatException("'m' has no config.json."), "no config.json" },
        { new IndexOutOfRangeException("Index was outside the bounds of the array."), "'m' is not understood (IndexOutOfRangeException: "
            + "Index was outside" },
        { new ArgumentException("The value cannot be an empty string.\nSecond "
            + "line"), "(ArgumentException: The value cannot be an empty string)" },
        { new InvalidOperationException("odd"), "publish it anew" },
        { new EndOfStreamException("Unable to read beyond the end."), "Unable to read beyond the end" },
        { new DivideByZeroException(), "DivideByZeroException" },
    };

    [Theory]
    [MemberData(nameof(Circumstances))]
    public void What_the_machine_had_a_part_in_condemns_no_files(Exception fault, string part) => Holds(fault, part, isOfContent: false);

    [Theory]
    [MemberData(nameof(Contents))]
    public void What_the_same_files_would_bring_about_again_counts_as_damage(Exception fault, string part) =>
        Holds(fault, part, isOfContent: true);

    [Fact]
    public void Only_a_broken_invariant_is_the_server_s_own_however_deep_it_lies()
    {
        Assert.True(LoadFaults.IsOfServer(new InvalidOperationException("", new EngineInvariantException("a block is lost"))));
        Assert.All(Contents.Concat(Circumstances), row => Assert.False(LoadFaults.IsOfServer(row.Data.Item1)));
    }

    private static void Holds(Exception fault, string part, bool isOfContent)
    {
        var sentence = LoadFaults.SentenceOf(fault, "m");
        Assert.Equal(isOfContent, LoadFaults.IsOfContent(fault));
        Assert.Equal(isOfContent ? RefusalCause.Damaged : RefusalCause.Circumstance, LoadFaults.CauseOf(fault));
        Assert.Contains(part, sentence);
        Assert.EndsWith(".", sentence);
        Assert.DoesNotContain('\n', sentence);
    }
}
