using System.CommandLine;
using Orca.Cli.Evaluating;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Recordings;

namespace Orca.Cli.Commands;

/// <summary><c>orca eval rescore</c>: judges stored outputs again, without a model.</summary>
internal static class EvalRescoreCommand
{
    private const int ShownAtMost = 20;

    private static readonly Argument<string[]> Files = new("FILE")
    {
        Description = $"Files of outputs, or folders of them: {RecordedFiles.Forms}.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string> Protocol = EvalFlags.Protocol(
        "Rule that outputs are judged by where no accuracy of their authors lies beside them.");

    private static readonly Option<string?> Json = new("--json")
    {
        Description = "File that the rows are written to as JSON besides: one array, or a line each where its name ends in .jsonl.",
        HelpName = "FILE",
    };

    private static readonly Option<int> Changed = new("--changed")
    {
        Description = $"Changed verdicts listed at most. Default: {ShownAtMost}.",
        HelpName = "N",
        DefaultValueFactory = _ => ShownAtMost,
        CustomParser = result => Arguments.Number<int>(result, value => value >= 0, "a whole number of at least 0"),
    };

    public static Command Create()
    {
        var command = new Command("rescore", "Judges stored outputs again, without a model.") { Files, Protocol, Json, Changed };
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var rule = ProtocolNames.Find(parsed.GetRequiredValue(Protocol))!;
        var files = new List<RescoredFile>();
        foreach (var path in RecordedFiles.Find(parsed.GetRequiredValue(Files)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            files.Add(Rescoring.Judge(RecordedFiles.Read(path), rule));
        }

        if (files.Count == 0)
        {
            throw new CommandException($"There are no outputs to judge; give {RecordedFiles.Forms}.");
        }

        Console.Out.Write(RescoreText.Table(files));
        Console.Out.Write(RescoreText.Changed(files, parsed.GetValue(Changed)));
        Console.Out.Write(RescoreText.Summary(files));
        if (parsed.GetValue(Json) is { } json)
        {
            File.WriteAllText(json, RescoreText.Json(files, isLines: Path.GetExtension(json) == ".jsonl"));
        }

        return ExitCodes.Done;
    }
}
