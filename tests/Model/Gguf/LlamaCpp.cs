using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Orca.Model.Weights;
using Orca.Tests.Shared;

namespace Orca.Model.Tests.Gguf;

/// <summary>llama.cpp's published library, driven by the program in <c>scripts/peer-agreement</c>, which is compiled here.</summary>
internal sealed class LlamaCpp
{
    private const string Library = "node_modules/@node-llama-cpp/linux-x64/bins/linux-x64";

    private readonly string library;
    private readonly string program;

    private LlamaCpp(string library, string program) => (this.library, this.program) = (library, program);

    /// <summary>Compiles the program into a folder; skips the calling test where the library or the compiler is absent.</summary>
    public static LlamaCpp Require(TemporaryFolder folder)
    {
        var home = Environment.GetEnvironmentVariable("LLAMA_PEER_DIR");
        Assert.SkipWhen(
            string.IsNullOrEmpty(home), "LLAMA_PEER_DIR does not name an installed llama.cpp; scripts/peer-agreement/run.sh installs one");
        var library = Path.Combine(home!, Library);
        Assert.SkipUnless(Directory.Exists(library), $"'{library}' is absent; scripts/peer-agreement/run.sh installs it");
        var compiler = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Select(path => Path.Combine(path, "gcc")).FirstOrDefault(File.Exists);
        Assert.SkipUnless(compiler is not null, "there is no gcc to compile scripts/peer-agreement/peer.c with");
        var source = Path.Combine(Repository.Root, "scripts", "peer-agreement", "peer.c");
        Run(compiler!, "", ["-O2", "-Wall", "-Werror", source, "-o", folder["peer"], $"-L{library}", "-l:libllama.v0.5.0.so",
            "-l:libggml.v0.5.0.so", "-l:libggml-base.so", $"-Wl,-rpath,{library}"]);
        return new LlamaCpp(library, folder["peer"]);
    }

    /// <summary>Ids of each text, without start tokens. No text holds a zero.</summary>
    public int[][] Tokenize(string model, IEnumerable<string> texts) => Tokenize("--tokenize", model, texts);

    /// <summary>Ids of a prompt that the model's chat template wrote, with a start token where the file says that one is added.</summary>
    public int[] Prompt(string model, string text) => Tokenize("--prompt", model, [text])[0];

    /// <summary>Writes a model as a file of a type, such as Q4_K_M, mixed as llama.cpp mixes it.</summary>
    public void Quantize(string model, string path, string type) => Run(program, "", ["--quantize", model, path, type]);

    /// <summary>The values of blocks.</summary>
    public float[] Decode(WeightEncoding encoding, byte[] blocks, string scratch)
    {
        File.WriteAllBytes(scratch, blocks);
        Run(program, "", ["--decode", scratch, scratch + ".values", $"{encoding}"]);
        return MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(scratch + ".values")).ToArray();
    }

    /// <summary>Goes on greedily with a prompt.</summary>
    /// <returns>The tokens it chose, and the logits after every token but the last.</returns>
    public (int[] Tokens, float[] Logits) Continue(string model, IReadOnlyList<int> prompt, int steps, string scratch)
    {
        var tokens = Numbers(Run(program, "", [model, library, scratch, $"{steps}", .. prompt.Select(token => $"{token}")]));
        return (tokens, MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(scratch)).ToArray());
    }

    private int[][] Tokenize(string flag, string model, IEnumerable<string> texts) =>
        [
            .. Run(program, string.Concat(texts.Select(text => text + '\0')), [flag, model, library]).TrimEnd('\n').Split('\n')
                .Select(Numbers),
        ];

    private static int[] Numbers(string text) =>
        [.. text.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries).Select(number => int.Parse(
            number, CultureInfo.InvariantCulture))];

    private static string Run(string program, string input, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} failed: {errors.Result}");
        return output;
    }
}
