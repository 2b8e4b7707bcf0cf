using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Orca.Cli.Display;
using Orca.Cli.Doctor;
using Orca.Model.Checkpoints;
using Orca.Model.Differences;

namespace Orca.Cli.Commands;

/// <summary><c>orca diff</c>: releases a tuned model as its difference to a base that people must have already.</summary>
internal static class DiffCommand
{
    private static readonly Argument<string> Base = new("BASE") { Description = "The base model's folder." };

    private static readonly Argument<string> Tuned = new("TUNED")
    {
        Description = "The tuned model's folder, or a folder of checkpoints or of a run, whose newest checkpoint is taken.",
    };

    private static readonly Argument<string> Difference = new("DIFF") { Description = "A difference that 'orca diff make' wrote." };

    private static readonly Argument<string> NewFile = new("OUT") { Description = "The file to write, which must not exist." };

    private static readonly Argument<string> NewFolder = new("OUT")
    {
        Description = "The folder to make, which must not exist, or be empty.",
    };

    public static Command Create()
    {
        var make = new Command("make", "Writes what has to be known beside the base to restore a tuned model, byte by byte.")
        {
            Base, Tuned, NewFile,
        };
        make.SetAction((parsed, cancellationToken) => Task.FromResult(Make(parsed, cancellationToken)));
        var apply = new Command("apply", "Restores a tuned model from its base and the difference; any other base is refused.")
        {
            Base, Difference, NewFolder,
        };
        apply.SetAction((parsed, cancellationToken) => Task.FromResult(Apply(parsed, cancellationToken)));
        return new Command("diff", "Releases a tuned model as its difference to a base that people must have already.") { make, apply };
    }

    private static int Make(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = parsed.GetRequiredValue(NewFile);
        NewOutput.RequireFile(output);
        var (from, tuned) = (FolderOf(parsed.GetRequiredValue(Base)), FolderOf(parsed.GetRequiredValue(Tuned)));
        var made = WorkDisplay.Show(
            output, progress => ModelDifference.Make(from, tuned, output, progress, cancellationToken));
        TellAll("no part of the model and left out", made.LeftOut);
        TellAll("as in the base and not in the difference", made.Copied);
        TellAll("held whole, since the base has no weight of that name and row length", made.Whole);
        TellAll($"needed of '{from}'", made.BaseFiles);
        Console.Out.WriteLine($"'{output}': {Size.Text(made.TunedBytes)} of '{tuned}' in {Size.Text(made.Bytes)}");
        return ExitCodes.Done;
    }

    private static int Apply(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (difference, output) = (parsed.GetRequiredValue(Difference), parsed.GetRequiredValue(NewFolder));
        NewOutput.RequireFolder(output);
        if (!File.Exists(difference))
        {
            throw new CommandException($"'{difference}' is no file; name a difference that 'orca diff make' wrote.");
        }

        var from = FolderOf(parsed.GetRequiredValue(Base));
        var (files, bytes) = WorkDisplay.Show(
            output, progress => ModelDifference.Apply(from, difference, output, progress, cancellationToken));
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"'{output}': {files} files, {Size.Text(bytes)}, each with the SHA-256 of the original"));
        return ExitCodes.Done;
    }

    private static string FolderOf(string model)
    {
        var found = ModelPath.Find(ModelFolder.Newest(model)) ?? throw ModelPath.Fault(model);
        return Directory.Exists(found)
            ? found
            : throw new CommandException($"'{model}' is a file; a difference is made between folders in Hugging Face's layout.");
    }

    private static void TellAll(string what, ImmutableArray<string> names)
    {
        if (names.Length > 0)
        {
            Console.Out.WriteLine(TerminalText.Harmless($"{what}: {string.Join(", ", names)}"));
        }
    }
}
