using Orca.Tests.Shared;

namespace Orca.EndToEnd.Tests;

/// <summary>The smallest of the real models, converted once by the command for all tests of a class that only read it.</summary>
public sealed class ConvertedStory : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly Lazy<Task<string>> model;

    public ConvertedStory() => model = new(() => ConvertAsync("stories260K.bin", Path.Combine(folder.Path, "model")));

    /// <summary>The model's folder; skips the test where the data is absent.</summary>
    public Task<string> ModelAsync() => model.Value;

    /// <summary>Converts a file of the model into a folder of a test's own.</summary>
    internal static async Task<string> ConvertAsync(string file, string into)
    {
        var ended = await OrcaProcess.RunAsync(
            Path.GetDirectoryName(into)!, "convert", SharedData.Require("checkpoints/stories260K/" + file), into, "--tokenizer",
            SharedData.Require("checkpoints/stories260K/tok512.bin"));
        Assert.True(ended.Code == 0, ended.Errors);
        return into;
    }

    public void Dispose() => folder.Dispose();
}
