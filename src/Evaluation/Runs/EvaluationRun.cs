using System.Collections.Immutable;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Subjects;
using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Runs;

/// <summary>
/// Asks a student every question of a benchmark that its folder has no answer to, many at once, and keeps each answer before anything is
/// computed from it. Killed and started again, it asks no question twice that was answered and leaves none out.
/// </summary>
/// <param name="suite">The questions.</param>
/// <param name="protocol">How they are asked and read.</param>
/// <param name="plan">What the run's folder says of it.</param>
/// <param name="clock">Times the answers.</param>
public sealed class EvaluationRun(EvaluationSuite suite, IProtocol protocol, RunPlan plan, TimeProvider clock)
{
    /// <summary>Asks what is left.</summary>
    /// <param name="student">Who is asked; its exceptions end the run, and what was answered stays.</param>
    /// <param name="scorer">Who ranks choices, where the protocol does so; null where nobody can.</param>
    /// <param name="folder">Where answers are kept; null: nowhere.</param>
    /// <param name="earlier">Answers that the same student gave in other runs: those to the same prompts are taken over.</param>
    /// <param name="parallel">Questions asked at once, 1 or more.</param>
    /// <param name="progress">Hears after every answer. Any thread, one at a time.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>All answers, in the order of the suite.</returns>
    /// <exception cref="EvaluationException">Choices are to be ranked and nobody can, or the protocol cannot heed an option.</exception>
    public async Task<ImmutableArray<ItemRecord>> RunAsync(
        ITextGenerator student, ITextScorer? scorer, EvaluationFolder? folder, IReadOnlyCollection<ItemRecord> earlier, int parallel,
        IProgress<RunProgress>? progress, CancellationToken cancellationToken)
    {
        if (protocol.Fault(plan.Options) is { } fault)
        {
            throw new EvaluationException(fault);
        }

        var questions = Questions();
        var answers = new Dictionary<string, ItemRecord>();
        foreach (var record in folder?.Done ?? [])
        {
            answers[record.Place] = Judged(record);
        }

        TakeOver(earlier, questions, answers, folder);
        var left = questions.Where(question => !answers.ContainsKey(question.Place)).ToList();
        if (scorer is null && left.Exists(question => !question.Prompt.Continuations.IsEmpty))
        {
            throw new EvaluationException(
                $"The protocol '{protocol.Name}' ranks choices by their likelihood, which {student.Name} does not tell; take another.");
        }

        var (gate, began, before) = (new Lock(), clock.GetTimestamp(), answers.Count);
        var counted = new RunProgress(
            before, questions.Count, answers.Values.Count(record => record.IsRight), answers.Values.Count(record => record.Answer is null),
            null);
        var paced = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(left, paced, async (question, token) =>
        {
            var record = await AskAsync(student, scorer, question, token);
            folder?.Add(record);
            lock (gate)
            {
                answers[question.Place] = record;
                counted = counted.With(record, before, clock.GetElapsedTime(began));
                progress?.Report(counted);
            }
        });
        return [.. questions.Select(question => answers[question.Place])];
    }

    private void TakeOver(
        IReadOnlyCollection<ItemRecord> earlier, List<AskedQuestion> questions, Dictionary<string, ItemRecord> answers,
        EvaluationFolder? folder)
    {
        if (earlier.Count == 0)
        {
            return;
        }

        var wanted = questions.Select(question => question.Place).ToHashSet();
        foreach (var record in earlier.Where(record => wanted.Contains(record.Place) && !answers.ContainsKey(record.Place)).Select(Judged))
        {
            answers[record.Place] = record;
            folder?.Add(record);
        }
    }

    // By the rule of today: the program may have learned to read since it was answered.
    private ItemRecord Judged(ItemRecord record)
    {
        var reading = record.Refusal is null ? protocol.Read(record.Response, record.Expected) : Reading.Unparsed;
        return record with { Answer = reading.Answer, IsRight = reading.IsRight };
    }

    private List<AskedQuestion> Questions() =>
    [
        .. from task in suite.Tasks
           from item in task.Items
           from repeat in Enumerable.Range(0, plan.Repeats)
           let prompt = protocol.Ask(item, task, plan.Options, repeat)
           select new AskedQuestion(item, prompt, repeat, ItemRecord.PlaceOf(item.Id, prompt, repeat)),
    ];

    private async Task<ItemRecord> AskAsync(
        ITextGenerator student, ITextScorer? scorer, AskedQuestion asked, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var answer = asked.Prompt.Continuations.IsEmpty
            ? await student.GenerateAsync(asked.Prompt, cancellationToken)
            : await Ranking.ChooseAsync(scorer!, asked.Prompt, cancellationToken);
        var item = asked.Item;
        var reading = answer.Refusal is null ? protocol.Read(answer.Text, item.Expected) : Reading.Unparsed;
        return new ItemRecord
        {
            Suite = item.Suite,
            Task = item.Task,
            Row = item.Row,
            Item = item.Id,
            Repeat = asked.Repeat,
            Protocol = protocol.Name,
            Prompt = asked.Prompt,
            Question = item.Text,
            Gold = item.Gold,
            Kind = item.Kind,
            Chance = item.Chance,
            Defect = item.Defect,
            Response = answer.Text,
            ChoiceLosses = answer.ChoiceLosses,
            Answer = reading.Answer,
            IsRight = reading.IsRight,
            PromptTokens = answer.PromptTokens,
            ResponseTokens = answer.Tokens,
            IsCut = answer.IsCut,
            Refusal = answer.Refusal,
            Version = answer.Version,
            Time = clock.GetUtcNow(),
            Seconds = clock.GetElapsedTime(began).TotalSeconds,
        };
    }

    private sealed record AskedQuestion(EvaluationItem Item, Prompt Prompt, int Repeat, string Place);
}
