using Orca.Cli.Configuration;
using Orca.Streams.Curricula;
using Orca.Streams.Screening;
using Orca.Training;

namespace Orca.Cli.Daemon;

/// <summary>What an answer must pass in a run.</summary>
internal static class RunScreens
{
    /// <summary>The screens of the settings, and last, where a student is taught, whether it can be taught the answer.</summary>
    public static ScreenSet Of(OrcaSettings settings, Student? student)
    {
        var screens = ScreenSet.Of(
            settings.Curriculum.Screens, KeyValuePair.Create("length", (double)settings.Curriculum.MaxAnswerCharacters));
        return student is null ? screens : screens.With(new LessonScreen(new LessonMaker(
            new TemplateLessonEncoder(student.Template, student.Tokenizer), settings.Training.SequenceLength,
            settings.Curriculum.TeachReasoning)));
    }
}
