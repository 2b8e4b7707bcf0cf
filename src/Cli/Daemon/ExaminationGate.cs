using System.Collections.Immutable;
using System.Globalization;
using Orca.Cli.Configuration;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;
using Orca.Evaluation.Statistics;
using Orca.Evaluation.Subjects;
using Orca.Evaluation.Suites;
using Orca.Serving.Checkpoints;
using Orca.Streams.Answers;
using Orca.Streams.Curricula.Control;
using Orca.Streams.Tasks;

namespace Orca.Cli.Daemon;

/// <summary>
/// Asks every published version a few held-out questions before it may answer callers, and keeps one that is significantly worse than the
/// version that answers from taking over. Every examination is kept, a line each, in <c>reports/versions.jsonl</c>, and charted beside it.
/// </summary>
/// <remarks>
/// The same questions for every version, with the likeliest token at each step; compared question by question by McNemar's exact test. A
/// version that cannot be examined, since the server has no room for its questions, takes over: no examination stands in training's way.
/// </remarks>
/// <param name="settings">How many questions, and how sure it must be, where no command has set it.</param>
/// <param name="tuned">What commands have set by now.</param>
/// <param name="reports">The run's folder of reports.</param>
/// <param name="say">Tells of a version that is kept back.</param>
/// <param name="clock">The clock.</param>
internal sealed class ExaminationGate(
    EvaluationSettings settings, Func<GateTuning> tuned, string reports, Action<string> say, TimeProvider clock) : IPromotionGate
{
    /// <summary>Name of the file that examinations are kept in.</summary>
    public const string FileName = "versions.jsonl";

    /// <summary>Name of the page that charts them.</summary>
    public const string PageName = "versions.html";

    private const string Title = "Versions of this run";

    // Few side by side, behind every caller: an examination must not take their places.
    private const int AtOnce = 8;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Dictionary<long, ImmutableArray<bool>> _marks = [];
    private readonly HashSet<string> _keptBack = [];
    private ImmutableArray<TaskQuery> _questions = [];
    private Func<long, ITextGenerator>? _students;

    /// <summary>Examines versions from now on; until then all take over.</summary>
    /// <param name="questions">Held-out questions, neighbours of different tasks; as many as are asked for, from the first on.</param>
    /// <param name="students">The student of a version's number.</param>
    public void Begin(ImmutableArray<TaskQuery> questions, Func<long, ITextGenerator> students)
    {
        _questions = questions;
        _students = students;
    }

    /// <summary>Whether a checkpoint was kept back.</summary>
    public bool HasKeptBack(string checkpoint)
    {
        lock (_keptBack)
        {
            return _keptBack.Contains(checkpoint);
        }
    }

    /// <inheritdoc/>
    public async Task<string?> ObjectionAsync(PromotionCandidate candidate, CancellationToken cancellationToken)
    {
        var (tuning, known) = (tuned(), _questions.Length);
        var (asked, level) = (Math.Min(tuning.Questions ?? settings.GateQuestions, known), tuning.Level ?? settings.GateLevel);
        if (_students is null || asked == 0)
        {
            return null;
        }

        using var patience = new CancellationTokenSource(Longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var before = await MarksOfAsync(candidate.Active, asked, either.Token);
            var after = await MarksOfAsync(candidate.Version, asked, either.Token);
            var objection = Judge(candidate, before, after, level);
            Forget(candidate, isPromoted: objection is null);
            if (objection is not null)
            {
                lock (_keptBack)
                {
                    _keptBack.Add(candidate.Checkpoint);
                }

                say(objection);
            }

            return objection;
        }
        catch (Exception refused) when (!cancellationToken.IsCancellationRequested
            && (refused is OperationCanceledException || PatientStudent.IsRefusal(refused)))
        {
            say($"version {candidate.Version} ({candidate.Checkpoint}) takes over without an examination: {refused.Message}");
            return null;
        }
    }

    private string? Judge(PromotionCandidate candidate, ImmutableArray<bool> before, ImmutableArray<bool> after, double level)
    {
        var lost = before.Zip(after).Count(pair => pair.First && !pair.Second);
        var won = before.Zip(after).Count(pair => !pair.First && pair.Second);
        var (was, now, p) = (before.Count(mark => mark), after.Count(mark => mark), new McNemar(lost, won).P);
        var isWorse = now < was && p < level;
        Keep(new VersionExamination(
            clock.GetUtcNow(), candidate.Version, candidate.Checkpoint, candidate.TrainerStep, after.Length, now, candidate.Active, was, p,
            !isWorse));
        return isWorse
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"version {candidate.Version} ({candidate.Checkpoint}) is not promoted: it answers {now} of {after.Length} held-out "
                    + $"questions rightly where version {candidate.Active} answers {was} (McNemar's exact p {p:G2}, "
                    + $"below {level})")
            : null;
    }

    // Only what it was not asked before, when fewer questions were wanted.
    private async Task<ImmutableArray<bool>> MarksOfAsync(long version, int count, CancellationToken cancellationToken)
    {
        var known = _marks.GetValueOrDefault(version, []);
        if (known.Length >= count)
        {
            return known[..count];
        }

        var student = new PatientStudent(_students!(version), Patience, clock);
        var marks = new bool[count];
        known.CopyTo(marks);
        var paced = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(known.Length, count - known.Length), paced, async (place, token) =>
        {
            var query = _questions[place];
            var prompt = new Prompt { Text = query.Prompt, SystemMessage = query.SystemMessage ?? "", MaxTokens = settings.MaxTokens };
            marks[place] = AnswerMatch.IsRight((await student.GenerateAsync(prompt, token)).Text, query.Expected);
        });
        return _marks[version] = [.. marks];
    }

    // Only what answers from now on is compared with again.
    private void Forget(PromotionCandidate candidate, bool isPromoted)
    {
        foreach (var other in _marks.Keys.Where(version => version != (isPromoted ? candidate.Version : candidate.Active)).ToList())
        {
            _marks.Remove(other);
        }
    }

    private void Keep(VersionExamination examination)
    {
        try
        {
            Directory.CreateDirectory(reports);
            var file = Path.Combine(reports, FileName);
            File.AppendAllText(file, $"{examination.ToLine()}\n");
            WholeFile.Write(Path.Combine(reports, PageName), VersionHistory.Html(Title, VersionExamination.Read(file)));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or EvaluationException)
        {
            say($"the examination of version {examination.Version} could not be written: {failure.Message}");
        }
    }
}
