using System.Collections.Immutable;
using Orca.Cli.Configuration;
using Orca.Streams.Bus;
using Orca.Streams.Curricula;

namespace Orca.Cli.Daemon;

/// <summary>
/// The two stages of the paper: first a terse teacher, then one that explains. What is recorded was recorded once: there is one stage
/// for it.
/// </summary>
internal static class Stages
{
    /// <summary>Name of the first stage and of its teacher.</summary>
    public const string Assistant = "assistant";

    /// <summary>Name of the last stage and of its teacher.</summary>
    public const string Expert = "expert";

    /// <summary>The judge of answers, which is no stage of the curriculum but may have a budget.</summary>
    public const string Judge = Streams.Teachers.TeacherRequest.JudgeStage;

    /// <summary>The stages that the settings describe, in order.</summary>
    public static ImmutableArray<CurriculumStage> Of(OrcaSettings settings)
    {
        var (lessons, isRecorded) = (settings.Curriculum.AssistantLessons, settings.Teacher.Kind == "recorded");
        var expert = new CurriculumStage { Name = Expert, Teacher = Expert, Lessons = settings.Curriculum.ExpertLessons };
        return isRecorded || lessons == 0
            ? [expert]
            : [
                new CurriculumStage
                {
                    Name = Assistant, Teacher = Assistant, Lessons = lessons, Ends = settings.Curriculum.ToStageEnd(),
                },
                expert,
            ];
    }
}
