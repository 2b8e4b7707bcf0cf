using System.CommandLine;
using System.Globalization;
using Orca.Cli.Display;
using Orca.Cli.Doctor;
using Orca.Model.Checkpoints;
using Orca.Model.Conversion;
using Orca.Model.Gguf;
using Orca.Model.Network;
using Orca.Model.Weights;

namespace Orca.Cli.Commands;

/// <summary><c>orca convert</c>: writes a model as a folder in Hugging Face's layout or as a GGUF file.</summary>
internal static class ConvertCommand
{
    private static readonly Argument<string> Input = new("IN")
    {
        Description = "A model's folder, a folder of checkpoints or of a run whose newest checkpoint is taken, a GGUF file, or a llama2.c "
            + "file (.bin), in the legacy form or version 1, float32.",
    };

    private static readonly Argument<string> Output = new("OUT")
    {
        Description = "A new file whose name ends in .gguf, or else the folder to make, which must not exist, or be empty.",
    };

    private static readonly Option<string?> Tokenizer = new("--tokenizer")
    {
        Description = "A llama2.c file's tokenizer: llama2.c's .bin, a tokenizer.model or a tokenizer.json.",
        HelpName = "FILE",
    };

    // A text, so that the command line can be read without the room of the model, which loads libtorch.
    private static readonly Option<string?> Weights = new("--weights")
    {
        Description = "What matrices are written in: f32, f16 or bf16; in a GGUF file also q8_0, q4_0 or q4_K. Without it a GGUF file is "
            + "written in bf16, and a folder as the model is stored.",
        HelpName = "TYPE",
    };

    private static readonly Option<string?> ShardSize = new("--max-shard-size")
    {
        Description = "How large a folder's files of weights may be, such as 500MB; 5GB by default.",
        HelpName = "SIZE",
    };

    public static Command Create()
    {
        var command = new Command(
            "convert",
            "Writes a model, or the newest checkpoint of a run, as a folder in Hugging Face's layout or as a GGUF file for llama.cpp.")
        {
            Input, Output, Tokenizer, Weights, ShardSize,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (input, output) = (parsed.GetRequiredValue(Input), parsed.GetRequiredValue(Output));
        var isGguf = Path.GetExtension(output) == ".gguf";
        (isGguf ? (Action<string>)NewOutput.RequireFile : NewOutput.RequireFolder)(output);
        if (!Path.Exists(input))
        {
            throw new CommandException($"'{input}' does not exist.");
        }

        var encoding = parsed.GetValue(Weights) is { } weights ? EncodingOf(weights, isGguf) : (WeightEncoding?)null;
        var shardBytes = ShardBytesOf(parsed.GetValue(ShardSize), isGguf);
        var model = ModelFolder.Newest(input);
        var config = !isGguf && File.Exists(model) && !Checkpoint.IsModel(model)
            ? ConvertLlama2c(parsed, input, output, cancellationToken)
            : parsed.GetValue(Tokenizer) is not null
                ? throw new CommandException("Flag --tokenizer is for a llama2.c file; any other model keeps its own.")
            : await ExportAsync(model, output, isGguf, encoding, shardBytes, cancellationToken);
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"'{output}': {config.ParameterCount:N0} parameters, {config.Layers} layers, hidden {config.HiddenSize}, "
                + $"vocabulary {config.VocabularySize}"));
        return ExitCodes.Done;
    }

    private static LlamaConfig ConvertLlama2c(ParseResult parsed, string input, string output, CancellationToken cancellationToken)
    {
        if (new[] { Weights, ShardSize }.FirstOrDefault(flag => parsed.GetValue(flag) is not null) is { } flag)
        {
            throw new CommandException(
                $"Flag {flag.Name} is not for a llama2.c file, which becomes one file of float32; convert the folder once more with it.");
        }

        var tokenizer = parsed.GetValue(Tokenizer)
            ?? throw new CommandException("A llama2.c file holds no tokenizer; give it with --tokenizer FILE.");
        return WorkDisplay.Show(output, progress => Llama2c.Convert(input, tokenizer, output, progress, cancellationToken));
    }

    private static async Task<LlamaConfig> ExportAsync(
        string model, string output, bool isGguf, WeightEncoding? encoding, long? shardBytes, CancellationToken cancellationToken)
    {
        using var checkpoint = await Abandonable.RunAsync(() => Checkpoint.Open(model), cancellationToken);
        if (isGguf)
        {
            var written = encoding ?? WeightEncoding.BF16;
            Tell(written, WorkDisplay.Show(
                output, progress => GgufExport.Write(checkpoint, output, written, progress, cancellationToken)));
            return checkpoint.Config;
        }

        var files = WorkDisplay.Show(output, progress => HuggingFaceExport.Write(
            checkpoint, output, encoding, shardBytes ?? HuggingFaceExport.DefaultShardBytes, progress, cancellationToken));
        if (files > 1)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{files} files of weights"));
        }

        return checkpoint.Config;
    }

    private static void Tell(WeightEncoding wanted, IReadOnlyList<(string Name, WeightEncoding Encoding)> others)
    {
        foreach (var kind in others.GroupBy(other => other.Encoding))
        {
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{kind.Count()} matrices are in {kind.Key}, since their rows are no multiple of {wanted.BlockValues()} values, as "
                    + $"{wanted} needs: {string.Join(", ", kind.Select(other => other.Name))}"));
        }
    }

    private static WeightEncoding EncodingOf(string name, bool isGguf)
    {
        var found = Enum.GetValues<WeightEncoding>()
            .Where(encoding => RowWriter.Writes(encoding) && encoding.ToString().Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(encoding => (WeightEncoding?)encoding)
            .FirstOrDefault();
        return (found, isGguf) switch
        {
            ({ } encoding, true) => encoding,
            ({ } encoding, false) when encoding.BlockValues() == 1 => encoding,
            (null, true) => throw new CommandException($"--weights is '{name}'; it must be f32, f16, bf16, q8_0, q4_0 or q4_K."),
            _ => throw new CommandException(
                $"--weights is '{name}'; in a folder it must be f32, f16 or bf16. Fewer bits go into a file whose name ends in .gguf."),
        };
    }

    private static long? ShardBytesOf(string? size, bool isGguf) =>
        size is null ? null
        : isGguf ? throw new CommandException("Flag --max-shard-size is for a folder; a GGUF file is one file.")
        : Size.Read(size) is > 0 and var bytes ? bytes
        : throw new CommandException($"--max-shard-size is '{size}'; expected a size such as 500MB or 5GB.");
}
