using System.Collections.Immutable;
using Orca.Cli.Configuration;
using Orca.Streams.Bus;
using Orca.Streams.Curricula;

namespace Orca.Cli.Daemon;

/// <summary>
/// The two stages of the paper: first a terse teacher, then one that explains. What is recorded was recorded once: there is one stage
/// for it. Where that is asked for the student practises in a third.
/// </summary>
internal static class Stages
{
    /// <summary>Name of the first stage and of its teacher.</summary>
    public const string Assistant = "assistant";

    /// <summary>Name of the stage that explains and of its teacher.</summary>
    public const string Expert = "expert";

    /// <summary>Name of the stage in which the student answers, and of itself as its teacher.</summary>
    public const string Practice = Streams.Teachers.TeacherRequest.PracticeStage;

    /// <summary>All that a run may have, in order.</summary>
    public static ImmutableArray<string> All { get; } = [Assistant, Expert, Practice];

    /// <summary>The judge of answers, which is no stage of the curriculum but may have a budget.</summary>
    public const string Judge = Streams.Teachers.TeacherRequest.JudgeStage;

    /// <summary>The stage whose system messages are given in a stage: practice is on the expert's questions.</summary>
    public static string OfMessages(string stage) => stage == Practice ? Expert : stage;

    /// <summary>The stages that the settings describe, in order.</summary>
    public static ImmutableArray<CurriculumStage> Of(OrcaSettings settings)
    {
        var curriculum = settings.Curriculum;
        var stages = ImmutableArray.CreateBuilder<CurriculumStage>();
        if (settings.Teacher.Kind != "recorded" && curriculum.AssistantLessons > 0)
        {
            stages.Add(new CurriculumStage
            {
                Name = Assistant,
                Teacher = Assistant,
                Lessons = curriculum.AssistantLessons,
                Ends = curriculum.ToStageEnd(),
            });
        }

        stages.Add(new CurriculumStage { Name = Expert, Teacher = Expert, Lessons = curriculum.ExpertLessons });
        if (curriculum.PracticeLessons > 0)
        {
            stages.Add(new CurriculumStage { Name = Practice, Teacher = Practice, Lessons = curriculum.PracticeLessons });
        }

        return stages.ToImmutable();
    }
}
