using System.Collections.Immutable;
using Orca.Cli.Configuration;
using Orca.Cli.Daemon;
using Orca.Streams.Screening;
using Orca.Streams.Sieves;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Cli.Collecting;

/// <summary>
/// What a run would ask, told before anything is paid: what its sources hold, and what becomes of the first questions drawn.
/// </summary>
internal sealed record TaskSurvey
{
    /// <summary>The sources.</summary>
    public required ImmutableArray<SurveyedSource> Sources { get; init; }

    /// <summary>Questions that were drawn.</summary>
    public required long Drawn { get; init; }

    /// <summary>Those of them that would not be asked, by why.</summary>
    public required ImmutableSortedDictionary<string, long> LeftOut { get; init; }

    /// <summary>Those that would be, by collection and system message.</summary>
    public required ImmutableSortedDictionary<string, long> Messages { get; init; }

    /// <summary>Tokens of their prompts by the student's tokenizer, system message and template included; in order.</summary>
    public required ImmutableArray<int> PromptTokens { get; init; }

    /// <summary>How many of them are too long for a lesson of the settings' length, whatever the answer.</summary>
    public required long TooLong { get; init; }

    /// <summary>What a thousand of them cost, by endpoint.</summary>
    public required ImmutableArray<SurveyedPrice> Prices { get; init; }

    /// <summary>Surveys the sources of a run.</summary>
    /// <param name="inputs">The run's inputs, with the student whose tokens are counted.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="sample">Questions that are drawn, as a run draws them.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<TaskSurvey> OfAsync(
        RunInputs inputs, OrcaSettings settings, int sample, CancellationToken cancellationToken)
    {
        var student = inputs.Student!;
        var (heldOut, sampling) = (0L, RunInputs.SamplingOf(settings));
        await using var sampler = new TaskSampler(inputs.Sources, sampling with
        {
            IsLeftOut = query => sampling.IsLeftOut(query) && ++heldOut > 0,
        });
        ImmutableArray<IQuestionSieve> sieves =
        [
            .. RunScreens.SievesOf(settings, null),
            .. settings.Tasks.Remembered > 0
                ? [new RepetitionSieve(new RepeatedQuestions(Math.Min(settings.Tasks.Remembered, sample)))]
                : Enumerable.Empty<IQuestionSieve>(),
        ];
        var mixture = Mixture.Of(settings.Curriculum.Mixture);
        var (drawn, asked) = (0L, new List<(TaskQuery Query, SystemMessage Message, int Tokens)>());
        var leftOut = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        while (drawn < sample && await sampler.NextAsync(mixture, cancellationToken) is { } query)
        {
            drawn++;
            if (sieves.Select(sieve => sieve.Look(query)).FirstOrDefault(finding => finding is not null) is { } finding)
            {
                leftOut[finding.Name] = leftOut.GetValueOrDefault(finding.Name) + 1;
                continue;
            }

            var message = inputs.Messages.Choose(query, Stages.Of(settings)[0].Name);
            asked.Add((query, message, student.Template.Prompt(student.Tokenizer, message.Text, query.Prompt).Length));
        }

        if (heldOut > 0)
        {
            leftOut["held out"] = heldOut;
        }

        var tokens = asked.Select(one => one.Tokens).Order().ToImmutableArray();
        return new TaskSurvey
        {
            Sources = [.. inputs.Sources.Select(SurveyedSource.Of)],
            Drawn = drawn + heldOut,
            LeftOut = leftOut.ToImmutable(),
            Messages = asked.CountBy(one => $"{one.Query.Collection} {one.Message.Id}")
                .ToImmutableSortedDictionary(pair => pair.Key, pair => (long)pair.Value, StringComparer.Ordinal),
            PromptTokens = tokens,
            TooLong = tokens.Count(length => length >= inputs.LongestLesson(settings.Training)),
            Prices = settings.Teacher.Kind != "openai" || tokens.IsEmpty
                ? []
                : [.. PricesOf(settings.Teacher, tokens.Average(), () => asked.Average(one => JudgeTokens(one.Query, one.Message)))],
        };

        // What a judge is asked about an answer, but for the answer; nothing where there is no right one.
        double? JudgeTokens(TaskQuery query, SystemMessage message)
        {
            if (query.GoldAnswers.IsEmpty)
            {
                return null;
            }

            var judging = JudgeQuestion.About(new Trace
            {
                Request = new TeacherRequest { Query = query, SystemMessage = message.Text, Stage = Stages.Expert },
                Response = "",
                Finish = TeacherFinish.Stop,
                Teacher = "",
            });
            return student.Template.Prompt(student.Tokenizer, judging.SystemMessage, judging.Query.Prompt).Length;
        }
    }

    // Of those that a stage asks, and of those that judge what these answer.
    private static IEnumerable<SurveyedPrice> PricesOf(TeacherSettings teacher, double promptTokens, Func<double?> judgeTokens)
    {
        var endpoints = TeacherEndpoints.Of(teacher);
        var names = new[] { Stages.Assistant, Stages.Expert }.SelectMany(stage => TeacherEndpoints.NamesFor(teacher, stage)).ToHashSet();
        var asked = endpoints.Where(endpoint => names.Contains(endpoint.Name)).ToList();
        foreach (var endpoint in asked)
        {
            yield return SurveyedPrice.Of(endpoint, promptTokens, teacher.Answers);
        }

        if (!teacher.JudgeEndpoints.IsEmpty && judgeTokens() is { } tokens)
        {
            foreach (var endpoint in endpoints.Where(endpoint => teacher.JudgeEndpoints.Contains(endpoint.Name)))
            {
                yield return SurveyedPrice.OfJudge(endpoint, tokens, asked.Max(one => one.MaxTokens), teacher.Answers);
            }
        }
    }
}

/// <summary>What a source holds.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Collection">Its collection.</param>
/// <param name="Tasks">Its tasks, with the questions that each gives; empty for one that makes them without end.</param>
/// <param name="Counts">What became of its files' records; null where there are none.</param>
internal sealed record SurveyedSource(
    string Name, string Collection, ImmutableArray<(string Task, long Questions)> Tasks, SourceCounts? Counts)
{
    public static SurveyedSource Of(ITaskSource source) => source is FileSource files
        ? new SurveyedSource(source.Name, source.Collection, [.. files.Tasks], files.Counts)
        : new SurveyedSource(source.Name, source.Collection, [], null);
}

/// <summary>What a thousand questions cost at an endpoint, in US dollars.</summary>
/// <param name="Endpoint">Its name.</param>
/// <param name="Prompts">The prompts alone.</param>
/// <param name="Most">With the longest answers that are asked for.</param>
/// <param name="IsOfJudge">Whether it is what judging all of their answers costs; the prompts are without them then.</param>
internal sealed record SurveyedPrice(string Endpoint, decimal Prompts, decimal Most, bool IsOfJudge = false)
{
    private const decimal Thousand = 1_000;
    private const decimal Million = 1_000_000;

    public static SurveyedPrice Of(EndpointOptions endpoint, double promptTokens, int answers)
    {
        var requests = Thousand * answers;
        var prompts = (decimal)promptTokens * endpoint.PriceIn * requests / Million;
        return new SurveyedPrice(endpoint.Name, prompts, prompts + (endpoint.MaxTokens * endpoint.PriceOut * requests / Million));
    }

    public static SurveyedPrice OfJudge(EndpointOptions judge, double promptTokens, int answerTokens, int answers)
    {
        var (without, with) = (Of(judge, promptTokens, answers), Of(judge, promptTokens + answerTokens, answers));
        return without with { Most = with.Most, IsOfJudge = true };
    }
}
