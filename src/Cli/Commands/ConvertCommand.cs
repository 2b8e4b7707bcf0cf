using System.CommandLine;
using System.Globalization;
using Orca.Model.Checkpoints;
using Orca.Model.Conversion;
using Orca.Model.Gguf;
using Orca.Model.Network;
using Orca.Model.Weights;

namespace Orca.Cli.Commands;

/// <summary><c>orca convert</c>: makes a model folder of a llama2.c file, or a GGUF file of any model.</summary>
internal static class ConvertCommand
{
    private static readonly Argument<string> Input = new("IN")
    {
        Description = "A llama2.c file (.bin), in the legacy form or version 1, float32; or, where OUT is a GGUF file, a model's folder, "
            + "a folder of checkpoints whose newest one is taken, or a GGUF file.",
    };

    private static readonly Argument<string> Output = new("OUT")
    {
        Description = "The folder to make, which must not exist, or be empty; or a new file whose name ends in .gguf.",
    };

    private static readonly Option<string?> Tokenizer = new("--tokenizer")
    {
        Description = "A llama2.c file's tokenizer: llama2.c's .bin, a tokenizer.model or a tokenizer.json.",
        HelpName = "FILE",
    };

    // A text, so that the command line can be read without the room of the model, which loads libtorch.
    private static readonly Option<string> Weights = new("--weights")
    {
        Description = "What a GGUF file's matrices are written in: f32, f16, bf16, q8_0 or q4_0.",
        HelpName = "TYPE",
        DefaultValueFactory = _ => "bf16",
    };

    public static Command Create()
    {
        var command = new Command(
            "convert",
            "Makes a model folder in Hugging Face's layout of a llama2.c file, or a GGUF file, as llama.cpp reads it, of a model.")
        {
            Input, Output, Tokenizer, Weights,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (input, output) = (parsed.GetRequiredValue(Input), parsed.GetRequiredValue(Output));
        RefuseTaken(output);
        if (!Path.Exists(input))
        {
            throw new CommandException($"'{input}' does not exist.");
        }

        var config = IsGguf(output)
            ? await WriteGgufAsync(input, output, parsed.GetRequiredValue(Weights), cancellationToken)
            : Llama2c.Convert(
                input,
                parsed.GetValue(Tokenizer)
                    ?? throw new CommandException("A llama2.c file holds no tokenizer; give it with --tokenizer FILE."),
                output, cancellationToken);
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"'{output}': {config.ParameterCount:N0} parameters, {config.Layers} layers, hidden {config.HiddenSize}, "
                + $"vocabulary {config.VocabularySize}"));
        return ExitCodes.Done;
    }

    private static async Task<LlamaConfig> WriteGgufAsync(string input, string output, string weights, CancellationToken cancellationToken)
    {
        var encoding = EncodingOf(weights);
        using var checkpoint = await Abandonable.RunAsync(() => Checkpoint.Open(ModelFolder.Newest(input)), cancellationToken);
        GgufExport.Write(checkpoint, output, encoding, cancellationToken);
        return checkpoint.Config;
    }

    private static bool IsGguf(string output) => Path.GetExtension(output) == ".gguf";

    // Before minutes of work, and not after them.
    private static void RefuseTaken(string output)
    {
        if (File.Exists(output) || (Directory.Exists(output) && (IsGguf(output) || Directory.EnumerateFileSystemEntries(output).Any())))
        {
            throw new CommandException($"'{output}' exists already; give another name, or remove it first.");
        }

        if (Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(output))) is { } folder && IsGguf(output) && !Directory.Exists(folder))
        {
            throw new CommandException($"The folder '{folder}' does not exist; make it first, or give another name.");
        }
    }

    private static WeightEncoding EncodingOf(string name) => Enum.GetValues<WeightEncoding>()
        .Where(encoding => RowWriter.Writes(encoding) && encoding.ToString().Equals(name, StringComparison.OrdinalIgnoreCase))
        .Select(encoding => (WeightEncoding?)encoding)
        .FirstOrDefault()
        ?? throw new CommandException($"--weights is '{name}'; it must be f32, f16, bf16, q8_0 or q4_0.");
}
