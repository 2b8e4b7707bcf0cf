using System.Collections.Immutable;
using Orca.Cli.Configuration;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Screening;
using Orca.Streams.Sieves;
using Orca.Streams.Storage;

namespace Orca.Cli.Daemon;

/// <summary>What a question and an answer must pass in a run.</summary>
internal static class RunScreens
{
    /// <summary>What is said where no evaluation set is named.</summary>
    public const string NoEvaluationSets =
        "no evaluation sets are named (tasks.evaluationSets): questions of evaluations are asked like others";

    private const string NearDuplicate = "near-duplicate";

    /// <summary>
    /// The screens of the settings with the limits that commands have set since; where a student is taught, whether it can be taught the
    /// answer; and last whether it is nearly an earlier one, which remembers what the others let pass.
    /// </summary>
    /// <param name="settings">The settings.</param>
    /// <param name="lessons">Makes the lessons of the student; null for none.</param>
    /// <param name="store">The run's store.</param>
    /// <param name="earlier">What was asked and accepted before; null where nothing is remembered.</param>
    public static ScreenSet Of(OrcaSettings settings, LessonMaker? lessons, TraceStore store, EarlierTexts? earlier)
    {
        var curriculum = settings.Curriculum;
        var screens = ScreenSet.Of(
            curriculum.Screens.Where(name => name is not (NearDuplicate or RandomScreen.ScreenName)),
            [KeyValuePair.Create("length", (double)curriculum.MaxAnswerCharacters), .. curriculum.ScreenLimits]);
        screens = curriculum.Screens.Contains(RandomScreen.ScreenName) ? screens.With(new RandomScreen(settings.Run.Seed)) : screens;
        screens = lessons is null ? screens : screens.With(new LessonScreen(lessons));
        screens = earlier is not null && curriculum.Screens.Contains(NearDuplicate) ? screens.With(earlier.Answers) : screens;
        return screens.Tuned(ScreenTuning.Of(store));
    }

    /// <summary>What was asked and accepted before; null where the settings say that nothing is remembered.</summary>
    public static EarlierTexts? EarlierOf(OrcaSettings settings, RunFolder folder) =>
        settings.Tasks.Remembered > 0
        ? EarlierTexts.Of(
            folder.Traces, settings.Tasks.Remembered,
            settings.Curriculum.ScreenLimits.GetValueOrDefault(NearDuplicate, NearDuplicates.DefaultThreshold))
        : null;

    /// <summary>What leaves questions out before they are asked.</summary>
    public static ImmutableArray<IQuestionSieve> SievesOf(OrcaSettings settings, EarlierTexts? earlier) =>
    [
        .. settings.Tasks.EvaluationSets.IsEmpty
            ? Enumerable.Empty<IQuestionSieve>()
            : [new ContaminationSieve(ContaminationIndex.Read(settings.Tasks.EvaluationSets.Select(EvaluationSet.Of)))],
        .. earlier is null ? Enumerable.Empty<IQuestionSieve>() : [new RepetitionSieve(earlier.Questions)],
    ];
}
