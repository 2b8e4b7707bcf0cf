using System.Net;
using Orca.Cli.Clients;
using Orca.Streams.Sieves;
using Orca.Streams.Tasks;

namespace Orca.Cli.Configuration;

/// <summary>What no single setting can tell: whether they fit together.</summary>
internal static class SettingsCheck
{
    // No student has been opened yet, and no other setting depends on it.
    private const int AnyStudentsPositions = 512;

    /// <summary>Every contradiction, one sentence each; none for settings that fit.</summary>
    public static IEnumerable<string> Faults(OrcaSettings settings) =>
        [.. Tasks(settings), .. Teacher(settings.Teacher), .. Student(settings),
            .. settings.Training.ToOptions(settings.Run, settings.Student, AnyStudentsPositions).Faults(),
            .. Serving(settings.Serving)];

    private static IEnumerable<string> Tasks(OrcaSettings settings)
    {
        var sources = settings.Tasks.Sources.Select(TaskSpec.Of).ToList();
        var faults = sources
            .Select(source => source.Fault() is { } fault ? $"Setting 'tasks.sources' holds '{source.Text}', which {fault}" : null)
            .OfType<string>().ToArray();
        var foreign = sources.Find(source => !source.IsBuiltIn)?.Text;
        return faults.Length > 0 || settings.Teacher.Kind != "solver" || foreign is null
            ? faults
            : [$"Setting 'teacher.kind' is 'solver', which answers only the built-in tasks, not '{foreign}'; expected 'recorded' or "
                + "'openai' (--teacher recorded)."];
    }

    private static IEnumerable<string> Teacher(TeacherSettings teacher)
    {
        if (teacher.RecordedFile is { } file && !File.Exists(file))
        {
            yield return $"Setting 'teacher.recordedFile' is '{file}', which does not exist; expected a JSON lines file of answers.";
        }

        if (teacher is { Answers: > 1, Kind: not "openai" })
        {
            yield return $"Setting 'teacher.answers' is {teacher.Answers}, but the teacher '{teacher.Kind}' answers a question the same "
                + "each time; expected 1, or the teacher 'openai' (--teacher openai).";
        }

        if (teacher is { JudgeEndpoints.IsEmpty: false, Kind: not "openai" })
        {
            yield return $"Setting 'teacher.judgeEndpoints' names endpoints, but the teacher '{teacher.Kind}' has none; expected the "
                + "teacher 'openai' (--teacher openai).";
        }

        if (teacher.Kind == "openai")
        {
            foreach (var fault in TeacherEndpoints.Faults(teacher))
            {
                yield return fault;
            }
        }
    }

    private static IEnumerable<string> Student(OrcaSettings settings)
    {
        if (settings.Run.Has("train") && settings.Student.Folder is { } folder && !Directory.Exists(folder))
        {
            yield return $"Setting 'student.folder' is '{folder}', which is no folder; expected a Hugging Face folder with config.json.";
        }

        if (settings.Curriculum.Student is { } student && !ServerAddress.TryParse(student, out _))
        {
            yield return $"Setting 'curriculum.student' is '{student}'; expected the address of a server such as 127.0.0.1:5400.";
        }

        if (settings.Curriculum is { AskStudentFirst: true, StudentMargin: var margin, StudentAnswers: var answers } && margin > answers)
        {
            yield return $"Setting 'curriculum.studentMargin' is {margin}, but the student gives {answers} answers at most; expected as "
                + "many or fewer, or more curriculum.studentAnswers.";
        }

        if (settings.Curriculum is { NextAtAccuracy: not null, AskStudentFirst: false })
        {
            yield return "Setting 'curriculum.nextAtAccuracy' goes by what the student answers before teachers do; expected "
                + "curriculum.askStudentFirst=true, or curriculum.nextAtLoss in its place.";
        }

        if (settings.Curriculum is { PracticeLessons: > 0, ExpertLessons: null })
        {
            yield return $"Setting 'curriculum.practiceLessons' is {settings.Curriculum.PracticeLessons}, but the expert stage before it "
                + "has no end; expected a number of curriculum.expertLessons.";
        }

        if (settings.Curriculum.PracticeLessons > 0 && !(settings.Run.Has("collect") && settings.Run.Has("train")))
        {
            yield return "Setting 'curriculum.practiceLessons' has the student learn from what it answers meanwhile; expected both collect "
                + "and train among run.roles, or 0.";
        }

        if (settings.Teacher.ExplainMistakes && (!settings.Curriculum.AskStudentFirst || settings.Teacher.Kind != "openai"))
        {
            yield return "Setting 'teacher.explainMistakes' shows the expert what the student answered, which nobody knows without "
                + "curriculum.askStudentFirst and only the teacher 'openai' reads; expected both.";
        }

        foreach (var set in settings.Tasks.EvaluationSets.Select(EvaluationSet.Of).Where(set => !Path.Exists(set.Path)))
        {
            yield return $"Setting 'tasks.evaluationSets' holds '{set.Path}', which does not exist; expected a file or folder of an "
                + "evaluation.";
        }

        if (!settings.Teacher.JudgeEndpoints.IsEmpty && !settings.Curriculum.Screens.Contains("gold-answer"))
        {
            yield return "Setting 'teacher.judgeEndpoints' names a judge, who is asked what the screen 'gold-answer' leaves undecided, but "
                + "that screen is off; expected it among curriculum.screens.";
        }

        foreach (var name in settings.Curriculum.ScreenLimits.Keys.Except(settings.Curriculum.Screens))
        {
            yield return $"Setting 'curriculum.screenLimits' names '{name}', which is none of the screens that are on; expected one of "
                + $"{string.Join(", ", settings.Curriculum.Screens)}.";
        }

        if (settings.Tasks.SystemMessagesFile is { } messages && !File.Exists(messages))
        {
            yield return $"Setting 'tasks.systemMessagesFile' is '{messages}', which does not exist; expected a file of system messages.";
        }
    }

    private static IEnumerable<string> Serving(ServingSettings serving)
    {
        if (!IPAddress.TryParse(serving.Address, out _))
        {
            yield return $"Setting 'serving.address' is '{serving.Address}'; expected an IP address such as 127.0.0.1 or 0.0.0.0.";
        }
    }
}
