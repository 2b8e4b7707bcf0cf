using System.Collections.Concurrent;
using Orca.Streams.Bus;
using Orca.Streams.Collecting;
using Orca.Streams.Curricula.Mixtures;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Streams.Tests.Support;

/// <summary>Runs with a stage of practice, whose teacher is expert and student in one.</summary>
internal sealed class PracticeRuns : IDisposable
{
    /// <summary>What the student says.</summary>
    public const string Own = "I guess that it is nine nine nine.";

    private readonly TemporaryFolder folder = new();

    /// <summary>What the student was asked to practise.</summary>
    public ConcurrentBag<TeacherRequest> Practised { get; } = [];

    public string Store => Path.Combine(folder.Path, "traces.db");

    public static string Explanation(TeacherRequest request) => $"Look at the end of it. The answer is {request.Query.GoldAnswers[0]}.";

    /// <summary>Requests of practice that are accepted.</summary>
    public static IEnumerable<string> Accepted(TestRun run) =>
        run.Store.Accepted("practice", 0, 1_000).Select(accepted => accepted.Trace.Request.Id);

    public void Dispose() => folder.Dispose();

    public TestRun Run(
        long expert, int capacity = 8, int maxReuses = 0, double readingShare = 0, double replay = 0,
        Func<TeacherRequest, string>? answer = null, TeacherFinish finish = TeacherFinish.Stop, CollectionOptions? collection = null,
        byte[]? snapshot = null, bool isOn = true, LessonPacing? pacing = null, ITaskSource? source = null)
    {
        var options = TestRun.Stages(expert: expert, maxReuses: maxReuses, capacity: capacity) with
        {
            ReadingShare = readingShare,
            PracticeReplay = replay,
            Pacing = pacing ?? LessonPacing.None,
        };
        options = isOn
            ? options with { Stages = options.Stages.Add(new CurriculumStage { Name = "practice", Teacher = "practice" }) }
            : options;
        return new TestRun(
            folder.Path, options, [source ?? ListSource.Of("cot", 500)], new Both(request =>
            {
                if (!request.IsPractice)
                {
                    return (Explanation(request), TeacherFinish.Stop);
                }

                Practised.Add(request);
                return (answer?.Invoke(request) ?? Own, finish);
            }),
            collection, snapshot: snapshot);
    }

    // Expert and student in one.
    private sealed class Both(Func<TeacherRequest, (string Answer, TeacherFinish Finish)> answer) : ITeacher
    {
        public string Name => "both";

        public Task<Trace> AskAsync(TeacherRequest request, CancellationToken cancellationToken)
        {
            var (text, finish) = answer(request);
            return Task.FromResult(new Trace { Request = request, Response = text, Finish = finish, Teacher = Name });
        }
    }
}
