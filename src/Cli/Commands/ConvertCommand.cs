using System.CommandLine;
using Orca.Model.Conversion;

namespace Orca.Cli.Commands;

/// <summary><c>orca convert</c>: makes a model folder of a llama2.c file.</summary>
internal static class ConvertCommand
{
    private static readonly Argument<string> Input = new("IN")
    {
        Description = "The llama2.c file (.bin), in the legacy form or version 1, float32.",
    };

    private static readonly Argument<string> Output = new("OUT")
    {
        Description = "The folder to make; it must not exist, or be empty.",
    };

    private static readonly Option<string> Tokenizer = new("--tokenizer")
    {
        Description = "The model's tokenizer: llama2.c's .bin, a tokenizer.model or a tokenizer.json.",
        HelpName = "FILE",
        Required = true,
    };

    public static Command Create()
    {
        var command = new Command("convert", "Makes a model folder in Hugging Face's layout of a llama2.c file.") { Input, Output, Tokenizer };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var folder = parsed.GetRequiredValue(Output);
        var config = Llama2c.Convert(parsed.GetRequiredValue(Input), parsed.GetRequiredValue(Tokenizer), folder);
        Console.Out.WriteLine(FormattableString.Invariant(
            $"'{folder}': {config.ParameterCount:N0} parameters, {config.Layers} layers, hidden {config.HiddenSize}, vocabulary {config.VocabularySize}"));
        return ExitCodes.Done;
    }
}
