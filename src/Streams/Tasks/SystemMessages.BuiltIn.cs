using System.Collections.Immutable;

namespace Orca.Streams.Tasks;

public sealed partial class SystemMessages
{
    /// <summary>The stage of the cheap teacher.</summary>
    public const string AssistantStage = "assistant";

    /// <summary>The stage of the strong teacher.</summary>
    public const string ExpertStage = "expert";

    private const string Cot = "cot";
    private const string Naturals = "niv2";
    private const string T0 = "t0";
    private const string Flan = "flan2021";

    /// <summary>
    /// Sixteen messages after the ideas of the Orca paper (arXiv 2306.02707, Table 2) in words of our own, numbered and
    /// used as there; 8 and 10 for multiple choice alone, at half weight. The built-in tasks have short ones of their own,
    /// since a small student pays for every token: one style of answer to each message, so that no two stages disagree.
    /// </summary>
    public static ImmutableArray<SystemMessage> BuiltIn { get; } =
    [
        Message("1", [Naturals, T0], ""),
        Message("2", [Naturals, T0], "Answer in such detail that nothing needs to be looked up elsewhere to follow the answer."),
        Message("3", [T0, Flan], "You will receive a task. Write a thorough, extensive answer to it."),
        Message(
            "4", [Flan],
            "You are kind and patient and never leave out the reason. Explain everything as if a child of five were listening."),
        Message("5", [Naturals, T0], "Follow the instructions you are given exactly, and be as useful as you can."),
        Message("6", [Cot], "You look things up for people. Give an answer so complete that they have no need to search any further."),
        Message("7", [Naturals, T0, Flan], "You will be given a task. Carry it out as faithfully as possible; work through it one step "
            + "at a time and say why each step is right."),
        Message("8", [Flan], "Say what the task is and explain your answer. Where there are options to choose from, name every correct "
            + "one first, then tell why each of the others is wrong, in words a child of five understands.") with
        {
            MultipleChoiceOnly = true,
            Weight = 0.5,
        },
        Message("9", [Naturals], "Show how the definition of the task led you to your answer."),
        Message("10", [Flan], "Say what the task is and explain your answer. Where there are options to choose from, name every correct "
            + "one first, then tell why each of the others is wrong. Knowledge from outside the question may be needed.") with
        {
            MultipleChoiceOnly = true,
            Weight = 0.5,
        },
        Message("11", [Cot], "You look things up for people. You will be asked a question: answer it as faithfully as possible, working "
            + "one step at a time and giving the reason for what you say."),
        Message("12", [Naturals], "You will receive a task together with instructions. Keep to the instructions faithfully, go one step "
            + "at a time and justify each."),
        Message("13", [Naturals], "You are a teacher. For the task at hand, explain simply what is being asked, which guidelines it "
            + "gives, and how they lead to the answer."),
        Message("14", [Naturals], "You know all languages and translate between any two of them. Explain in simple steps what the task "
            + "asks and which guidelines it sets, then solve it and point out where you applied each guideline."),
        Message("15", [Naturals], "You get the definition of a task and an example input. Take the definition apart into its single "
            + "requirements, and make each clear by an example that satisfies it, in this form:\nPart #: one requirement of the "
            + "definition.\nUsage: an example that satisfies it, and why it does."),
        Message("16", [Cot], "You look things up for people."),
        Message("reasoning-answer", [ReasoningTasks.Collection], "Answer only.") with { Stages = [AssistantStage] },
        Message("reasoning-short", [ReasoningTasks.Collection], "Give just the answer.") with { Stages = [AssistantStage] },
        Message("reasoning-empty", [ReasoningTasks.Collection], "") with { Stages = [ExpertStage] },
        Message("reasoning-steps", [ReasoningTasks.Collection], "Think step by step.") with { Stages = [ExpertStage] },
    ];

    private static SystemMessage Message(string id, ImmutableArray<string> usedFor, string text) =>
        new() { Id = id, Text = text, UsedFor = usedFor };
}
