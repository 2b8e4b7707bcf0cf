using System.Collections.Immutable;
using System.CommandLine;
using Orca.Cli.Clients;
using Orca.Streams.Curricula.Control;

namespace Orca.Cli.Commands;

/// <summary>The commands of <c>orca tune</c> that change something, as words.</summary>
internal static partial class TuneVerbs
{
    private static readonly Argument<PausedWork?> Work = new("WHAT")
    {
        Description = "collecting (asks the teachers nothing more), training (gives the student no lesson) or all.",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result => Word<PausedWork>(result, "WHAT", PausedWork.Collecting, PausedWork.Training, PausedWork.All),
    };

    private static readonly Argument<string> Stage = new("NAME") { Description = "A stage that comes after the one that is taught." };

    private static readonly Argument<string> Weights = new("WEIGHTS")
    {
        Description = "New weights by collection or collection/task, such as reasoning=2,cot=1,cot/aqua=0; what is not named keeps its "
            + "weight.",
    };

    private static readonly Argument<string> MessageWeights = new("WEIGHTS")
    {
        Description = "New weights by the messages' ids, such as 7=2,11=0; what is not named keeps its weight.",
    };

    private static readonly Argument<string> Limits = new("LIMITS")
    {
        Description = "Largest values that pass, such as refusal=0.8,length=off; a screen that is not named keeps its limit.",
    };

    private static readonly Option<uint?> GateQuestions = new("--questions")
    {
        Description = "Held-out questions that each version is asked; 0 lets all through.",
        HelpName = "N",
        CustomParser = result => Arguments.Number<uint>(result, value => value <= 100_000, "a whole number from 0 to 100000"),
    };

    private static readonly Option<double?> GateLevel = new("--level")
    {
        Description = "How sure it must be that a version is worse, as evaluation.gateLevel.",
        HelpName = "NUMBER",
        CustomParser = result => Arguments.Number<double>(result, value => value is > 0 and <= 0.5, "a number above 0, to 0.5"),
    };

    private static readonly Argument<string> Checkpoint = new("CHECKPOINT")
    {
        Description = "Name of the checkpoint's folder, such as step-00001200.",
    };

    /// <summary>Each command with what reads it.</summary>
    public static IEnumerable<(Command Command, Func<ParseResult, CurriculumCommand> Read)> Create()
    {
        yield return (
            new Command("pause", "Holds up collecting, training or both until 'resume'.") { Work },
            parsed => parsed.GetValue(Work) is { } what ? new PauseCommand(what) : new PauseCommand());
        yield return (
            new Command("resume", "Ends a pause, of all unless one is named.") { Work },
            parsed => parsed.GetValue(Work) is { } what ? new ResumeCommand(what) : new ResumeCommand());
        yield return (
            new Command("stage", "Goes on to a later stage at once.") { Stage },
            parsed => new StageCommand(parsed.GetValue(Stage)!));
        yield return (
            new Command("mixture", "Changes the share of collections and tasks in what is asked and taught from now on.") { Weights },
            parsed => new MixtureCommand(ByName(NumbersByName.Weights(parsed.GetValue(Weights)!))));
        yield return (
            new Command("messages", "Changes how often each system message is given from now on.") { MessageWeights },
            parsed => new MessagesCommand(ByName(NumbersByName.Weights(parsed.GetValue(MessageWeights)!))));
        yield return (
            new Command("screens", "Sets limits of screens for the answers judged from now on.") { Limits },
            parsed => new ScreensCommand(ByName(NumbersByName.Limits(parsed.GetValue(Limits)!))));
        yield return (
            new Command("gate", "Sets how published versions are judged before they answer, from the next one on.")
            {
                GateQuestions,
                GateLevel,
            },
            parsed => new GateCommand(new GateTuning((int?)parsed.GetValue(GateQuestions), parsed.GetValue(GateLevel))));
        yield return (
            new Command("publish", "Has the trainer publish a checkpoint after its current step."), _ => new PublishCommand());
        yield return (
            new Command("rollback", "Has the student be what it was in a checkpoint, before the next step.") { Checkpoint },
            parsed => new RollBackCommand(parsed.GetValue(Checkpoint)!));
        foreach (var learning in CreateLearning())
        {
            yield return learning;
        }
    }

    private static ImmutableSortedDictionary<string, double> ByName(IReadOnlyDictionary<string, double> numbers) =>
        numbers.ToImmutableSortedDictionary(StringComparer.Ordinal);
}
