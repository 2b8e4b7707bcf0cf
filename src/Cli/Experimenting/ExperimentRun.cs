using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Orca.Cli.Commands;
using Orca.Evaluation.Experiments;
using Orca.Evaluation.Reports;
using Orca.Evaluation.Runs;

namespace Orca.Cli.Experimenting;

/// <summary>
/// Trains and examines the students of an experiment, several side by side, each by processes of its own that go on where they stopped.
/// </summary>
/// <param name="plan">What is fixed.</param>
/// <param name="students">Its students.</param>
/// <param name="folder">Where its plan and its report are kept.</param>
internal sealed class ExperimentRun(ExperimentPlan plan, ImmutableArray<ExperimentStudent> students, string folder)
{
    private const string PlanName = "plan.json";
    private const string EffortName = "effort.json";

    private static readonly JsonSerializerOptions Form = new(EvaluationFolder.Form) { WriteIndented = true };

    private readonly ConcurrentDictionary<ExperimentStudent, StudentResult> _results = [];

    /// <summary>Students that are trained and examined.</summary>
    public int Done => _results.Count;

    /// <summary>Runs what is left.</summary>
    /// <param name="parallel">Students trained side by side.</param>
    /// <param name="cancellationToken">Ends it; the same experiment goes on later.</param>
    /// <exception cref="CommandException">The folder holds it with another plan, or a student failed.</exception>
    public async Task<ExperimentReport> RunAsync(int parallel, CancellationToken cancellationToken)
    {
        Begin();
        var paced = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken };
        // Arms that are the same have their students in common: each is trained once.
        await Parallel.ForEachAsync(students.GroupBy(student => student.Folder), paced, async (same, token) =>
        {
            var result = await ResultOfAsync(same.First(), token);
            foreach (var student in same)
            {
                _results[student] = result with { Arm = student.Arm };
            }
        });
        var report = ExperimentReport.Of(plan, _results.Values);
        Write("report.json", JsonSerializer.Serialize(report, Form));
        Write("report.md", ExperimentMarkdown.Of(report));
        return report;
    }

    private void Begin()
    {
        Directory.CreateDirectory(folder);
        var (file, text) = (Path.Combine(folder, PlanName), JsonSerializer.Serialize(plan, Form));
        if (!File.Exists(file))
        {
            Write(PlanName, text);
        }
        else if (File.ReadAllText(file) != text)
        {
            throw new CommandException(
                $"'{folder}' holds the experiment '{plan.Name}' with another plan; give --folder another one, or remove '{file}' to begin "
                    + "it anew: students that both have in common are not trained again.");
        }
    }

    private async Task<StudentResult> ResultOfAsync(ExperimentStudent student, CancellationToken cancellationToken)
    {
        student.Make();
        var effort = await EffortOfAsync(student, cancellationToken);
        var scores = ImmutableArray.CreateBuilder<StudentScore>();
        foreach (var questions in student.Questions)
        {
            foreach (var protocol in plan.Protocols)
            {
                scores.Add(await ScoreOfAsync(student, questions, protocol, cancellationToken));
            }
        }

        return new StudentResult(student.Arm, student.Seed, effort, scores.ToImmutable());
    }

    private static async Task<StudentEffort> EffortOfAsync(ExperimentStudent student, CancellationToken cancellationToken)
    {
        var file = Path.Combine(student.Folder, EffortName);
        if (File.Exists(file))
        {
            return JsonSerializer.Deserialize<StudentEffort>(await File.ReadAllTextAsync(file, cancellationToken), Form)!;
        }

        await OrcaChild.RunAsync(student.Training, Path.Combine(student.Folder, "training.log"), cancellationToken);
        var effort = StudentEfforts.Of(student.Run);
        if (effort.Steps < student.Steps)
        {
            throw new CommandException(
                $"The student of arm '{student.Arm}', seed {student.Seed}, ran out of lessons after {effort.Steps} of {student.Steps} "
                    + "steps; let it be taught more often (curriculum.maxReuses) or give fewer --steps.");
        }

        WholeFile.Write(file, JsonSerializer.Serialize(effort, Form));
        return effort;
    }

    private async Task<StudentScore> ScoreOfAsync(
        ExperimentStudent student, string questions, string protocol, CancellationToken cancellationToken)
    {
        var examination = student.ExaminationOf(questions, protocol, plan.QuestionsPerTask);
        if (!RunReportFiles.AreIn(examination))
        {
            await OrcaChild.RunAsync(
                student.Examination(questions, protocol, examination), Path.Combine(student.Folder, "examination.log"), cancellationToken);
        }

        var report = EvaluationReport.Of(EvaluationFolder.PlanOf(examination), EvaluationFolder.Read(examination));
        return new StudentScore(
            questions, protocol, report.ChanceCorrected, report.Mean?.Value ?? 0, report.ParseFailureRate, report.Items);
    }

    private void Write(string name, string text) => WholeFile.Write(Path.Combine(folder, name), text);
}
