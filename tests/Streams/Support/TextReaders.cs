using System.Collections.Immutable;
using System.Diagnostics;
using Orca.Streams.Answers;
using Orca.Streams.Curricula.Lessons;
using Orca.Streams.Scoring;
using Orca.Streams.Screening;
using Orca.Streams.Sieves;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;
using Trace = Orca.Streams.Teachers.Trace;

namespace Orca.Streams.Tests.Support;

/// <summary>
/// Everything that reads answers, gold answers and questions: extractors, screens, scorers and sieves, each called by itself, so that
/// nothing between catches what it throws. Keeps what went wrong, and what took longest. One thread at a time.
/// </summary>
/// <param name="evaluations">What the sieve for contamination looks for.</param>
internal sealed class TextReaders(ContaminationIndex evaluations)
{
    private const int Remembered = 20_000;
    private const string Answer = "The answer is 7.";
    private const string Question = "Which of these is it?\nOptions:\n(A) 5\n(B) 7\n(C) yes";

    private readonly ImmutableArray<IScreen> screens =
    [
        .. ScreenSet.All.Screens,
        new NearDuplicateScreen(new NearDuplicates(Remembered)),
        new LessonScreen(new LessonMaker(new WordEncoder(), maxTokens: 512, teachesReasoning: true)),
    ];

    private readonly ImmutableArray<IQuestionSieve> sieves =
        [new ContaminationSieve(evaluations), new RepetitionSieve(new RepeatedQuestions(Remembered))];

    private readonly ImmutableArray<IScorer> scorers = Scorers.Of(Scorers.Names);
    private readonly HeldOutSplit split = new(10);
    private string text = "";
    private int number;

    /// <summary>Gold answers of each kind, and of each form that is compared in its own way.</summary>
    public static ImmutableArray<(AnswerKind Kind, string Gold)> Golds { get; } =
    [
        (AnswerKind.FreeText, "7"), (AnswerKind.Number, "7"), (AnswerKind.MultipleChoice, "(B)"), (AnswerKind.MultipleChoice, "7"),
        (AnswerKind.Exact, "yes"),
        (AnswerKind.YesNo, "yes"), (AnswerKind.ShortText, "Paris"), (AnswerKind.ShortText, "very good"), (AnswerKind.ShortText, "."),
        (AnswerKind.List, "ant bee"),
        (AnswerKind.List, "] )"), (AnswerKind.List, "a, b, c"), (AnswerKind.List, "[1 2]"),
    ];

    /// <summary>Exceptions, and measures that are no numbers of their range, each with the text's number.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>The single reading that took longest.</summary>
    public (TimeSpan Time, string Reading) Slowest { get; private set; }

    /// <summary>Readings so far.</summary>
    public long Readings { get; private set; }

    /// <summary>Reads a text as an answer, as a gold answer, as a question and as all of them.</summary>
    /// <param name="number">What it is called in faults.</param>
    /// <param name="text">The text.</param>
    /// <param name="other">Another one, to read it beside.</param>
    public void Read(int number, string text, string other)
    {
        (this.number, this.text) = (number, text);
        Extract(text);
        Compare(text, other);
        foreach (var (role, trace) in Traces(text, other))
        {
            Measure(role, trace);
            Sift(role, trace.Request.Query);
        }
    }

    private void Extract(string text)
    {
        foreach (var kind in Enum.GetValues<AnswerKind>())
        {
            Try($"the extractor of {kind}", () => AnswerExtractor.Extract(text, kind));
        }
    }

    private void Compare(string text, string other)
    {
        foreach (var (kind, gold) in Golds)
        {
            Judge("an answer", text, kind, gold, Question);
            Judge("a gold answer", $"{Answer} {gold}", kind, text, Question);
            Judge("a question", $"The answer is {gold}", kind, gold, text);
        }

        foreach (var kind in Enum.GetValues<AnswerKind>())
        {
            Judge("all", text, kind, text, text);
            Judge("an answer among others", text, kind, other, other);
            Judge("a gold answer among others", other, kind, text, other);
        }

        Try("the form of an answer", () => AnswerForm.KindOf(text, [text, other]));
        Try("the form of a task's answers", () => AnswerForm.KindOfTask(text, [[text], [other]]));
        Try("the chance of a guess", () => AnswerForm.ChanceOf(text, text));
    }

    private void Judge(string role, string response, AnswerKind kind, string gold, string prompt) =>
        Try($"the comparison of {kind} as {role}", () => AnswerMatch.Judge(response, new ExpectedAnswer(kind, [gold], prompt)));

    private IEnumerable<(string Role, Trace Trace)> Traces(string text, string other)
    {
        var kind = Golds[number % Golds.Length].Kind;
        yield return ("an answer", Trace(Question, "(B)", text, "", kind));
        yield return ("a question", Trace(text, "7", Answer, "", kind));
        yield return ("a system message", Trace(Question, text, Answer, text, kind));
        yield return ("all", Trace(text, text, text, text, kind));
        yield return ("an answer to another", Trace(other, other, text, "", kind));
    }

    private static Trace Trace(string prompt, string gold, string response, string systemMessage, AnswerKind kind) => new()
    {
        Request = new TeacherRequest
        {
            Query = Questions.Of("hostile", prompt, gold, kind),
            SystemMessage = systemMessage,
            Stage = "expert",
        },
        Response = response,
        Reasoning = response,
        Finish = TeacherFinish.Stop,
        Teacher = "fake",
    };

    private static void Score(IScorer scorer, Trace trace, ImmutableArray<Trace> answers) =>
        Check(scorer.ScoreAsync(trace, answers, CancellationToken.None).AsTask().GetAwaiter().GetResult() ?? 0, double.MaxValue);

    private void Measure(string role, Trace trace)
    {
        var other = trace with { Response = "So it is 7, because 3 + 4 = 7." };
        foreach (var screen in screens)
        {
            var most = screen is NearDuplicateScreen ? 1 : double.MaxValue;
            Try($"the screen {screen.Name} as {role}", () => Check(screen.Measure(trace).Value, most));
        }

        foreach (var scorer in scorers)
        {
            Try($"the scorer {scorer.Name} as {role}", () => Score(scorer, trace, [trace, other]));
            Try($"the scorer {scorer.Name} beside {role}", () => Score(scorer, other, [trace, other]));
        }

        Try($"the judge's question about {role}", () => JudgeQuestion.About(trace));
        Try($"the judge's reply as {role}", () => JudgeQuestion.VerdictIn(trace.Response));
    }

    private void Sift(string role, TaskQuery query)
    {
        foreach (var sieve in sieves)
        {
            Try($"the {sieve.GetType().Name} as {role}", () => sieve.Look(query));
        }

        Try($"the split as {role}", () => split.IsHeldOut(query));
    }

    private static void Check(double measured, double most)
    {
        if (!(measured >= 0 && measured <= most))
        {
            throw new ArithmeticException($"It measured {measured}.");
        }
    }

    private void Try(string reader, Action read)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            read();
        }
        catch (Exception fault)
        {
            Faults.Add($"text {number}, read by {reader}: {fault.GetType().Name}: {fault.Message}");
        }

        Readings++;
        if (Stopwatch.GetElapsedTime(start) is var time && time > Slowest.Time)
        {
            Slowest = (time, $"text {number} of {text.Length} characters, read by {reader}");
        }
    }
}
