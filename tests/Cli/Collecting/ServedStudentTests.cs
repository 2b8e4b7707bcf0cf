using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Orca.Cli.Collecting;
using Orca.Cli.Commands;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Subjects;
using Orca.Serving.Requests;
using Orca.Streams.Collecting.StudentFirst;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Cli.Tests.Collecting;

public sealed class ServedStudentTests
{
    private static readonly TeacherRequest Request = new()
    {
        Query = new TaskQuery { Id = "q", Collection = "c", Task = "t", Prompt = "Who came?" },
        SystemMessage = "Think.",
        Stage = "expert",
    };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Until_a_version_answers_it_says_so_and_is_waited_for_by_nobody()
    {
        using var student = new ServedStudent(100, TimeProvider.System);
        var loading = new TaskCompletionSource();
        student.Follow(new Generator(_ => new GeneratedAnswer("Nobody.", "3")), new Scorer((_, _) => 1), loading.Task);

        var failure = await Assert.ThrowsAsync<CommandException>(() => student.AnswerAsync(Request, 0, Cancelled));
        Assert.Equal("no version of it answers yet", failure.Message);

        loading.SetResult();
        for (var tries = 0; tries < 1000; tries++)
        {
            try
            {
                Assert.Equal(new StudentAnswer("Nobody.", "3"), await student.AnswerAsync(Request, 0, Cancelled));
                return;
            }
            catch (CommandException)
            {
                await Task.Delay(10, Cancelled);
            }
        }

        Assert.Fail("it is not asked though it answers");
    }

    [Fact]
    public async Task The_first_answer_is_its_likeliest_and_the_others_are_sampled_each_of_its_own()
    {
        var prompts = new List<Prompt>();
        using var student = Answering(prompt =>
        {
            prompts.Add(prompt);
            return new GeneratedAnswer("Nobody.", "3");
        });
        for (var sample = 0; sample < 3; sample++)
        {
            await student.AnswerAsync(Request, sample, Cancelled);
        }

        Assert.All(prompts, prompt => Assert.Equal(("Who came?", "Think.", 100), (prompt.Text, prompt.SystemMessage, prompt.MaxTokens)));
        Assert.Equal([(0.0, 0UL), (0.7, 1UL), (0.7, 2UL)], prompts.Select(prompt => (prompt.Temperature, prompt.Seed)));
    }

    [Fact]
    public async Task A_question_that_it_can_never_answer_is_no_failure_and_one_that_fails_is_told_in_words()
    {
        using var tooLong = Answering(_ => GeneratedAnswer.Refused("input has 867 tokens; the context holds 512"));
        Assert.Null(await tooLong.AnswerAsync(Request, 0, Cancelled));

        using var broken = Answering(_ => throw new RpcException(new Status(StatusCode.Internal, "It broke.")));
        var failure = await Assert.ThrowsAsync<CommandException>(() => broken.AnswerAsync(Request, 0, Cancelled));
        Assert.Equal("the student at host:1 says: It broke", failure.Message);
    }

    [Fact]
    public async Task To_practise_it_says_another_thing_to_each_question_and_the_same_to_the_same()
    {
        var seeds = new List<ulong>();
        using var student = Answering(prompt =>
        {
            seeds.Add(prompt.Seed);
            return new GeneratedAnswer("Nobody.", "3") { Tokens = 4, IsCut = prompt.Temperature == 1 };
        });
        var practising = new PractisingStudent(student, 1, new ReadingCheck(student, () => []), TimeProvider.System);

        var trace = await practising.AskAsync(Practice("a"), Cancelled);
        await practising.AskAsync(Practice("a"), Cancelled);
        await practising.AskAsync(Practice("b"), Cancelled);

        Assert.Equal(
            ("Nobody.", TeacherFinish.Length, "student 3", 4, 0m),
            (trace.Response, trace.Finish, trace.Teacher, trace.CompletionTokens, trace.Cost));
        Assert.Equal(seeds[0], seeds[1]);
        Assert.NotEqual(seeds[0], seeds[2]);
    }

    [Fact]
    public async Task A_student_that_does_not_read_what_it_is_shown_does_not_practise()
    {
        var answered = 0;
        using var student = Answering(
            _ =>
            {
                answered++;
                return new GeneratedAnswer("Nobody.", "3");
            },
            (prompt, _) => prompt.Contains("expert") ? 0.5 : 0.25);
        var clock = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromMinutes(1) };
        var practising = new PractisingStudent(student, 1, new ReadingCheck(student, () => [Explained, Explained]), clock);

        var failure = await Assert.ThrowsAsync<TeacherException>(() => practising.AskAsync(Practice("a"), Cancelled));

        Assert.Equal(TeacherFault.Settings, failure.Fault);
        Assert.StartsWith("The student cannot practise: with the expert's explanation before it", failure.Message);
        Assert.Contains("0.5 nats a token, and 0.25 without", failure.Message);
        Assert.Equal(0, answered);
    }

    [Fact]
    public async Task One_that_knows_the_explanations_anyway_may_practise()
    {
        using var student = Answering(
            _ => new GeneratedAnswer("Nobody.", "3"), (prompt, _) => prompt.Contains("expert") ? 0.009 : 0.008);
        var practising = new PractisingStudent(student, 1, new ReadingCheck(student, () => [Explained]), TimeProvider.System);

        Assert.Equal("Nobody.", (await practising.AskAsync(Practice("a"), Cancelled)).Response);
    }

    [Fact]
    public async Task One_that_is_still_loaded_is_waited_for()
    {
        var looks = 0;
        using var student = Answering(
            _ => new GeneratedAnswer("Nobody.", "3"), (prompt, _) => prompt.Contains("expert") ? (++looks > 1 ? 0.1 : 0.5) : 0.25);
        var practising = new PractisingStudent(student, 1, new ReadingCheck(student, () => [Explained]), TimeProvider.System);

        Assert.Equal("Nobody.", (await practising.AskAsync(Practice("a"), Cancelled)).Response);
        Assert.Equal(2, looks);
    }

    [Fact]
    public async Task One_that_does_is_looked_at_once()
    {
        var looks = 0;
        using var student = Answering(
            _ => new GeneratedAnswer("Nobody.", "3"),
            (prompt, answer) =>
            {
                looks++;
                Assert.Equal("It was nobody.", answer);
                return prompt.Contains("expert") ? 0.1 : 0.25;
            });
        var practising = new PractisingStudent(student, 1, new ReadingCheck(student, () => [Explained]), TimeProvider.System);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(number => practising.AskAsync(Practice($"{number}"), Cancelled)));

        Assert.Equal(2, looks);
    }

    [Fact]
    public async Task A_question_that_it_can_never_practise_on_is_given_up_and_no_other()
    {
        using var student = Answering(_ => GeneratedAnswer.Refused("input has 867 tokens; the context holds 512"));
        var practising = new PractisingStudent(student, 1, new ReadingCheck(student, () => []), TimeProvider.System);

        var failure = await Assert.ThrowsAsync<TeacherException>(() => practising.AskAsync(Practice("a"), Cancelled));

        Assert.Equal(TeacherFault.Request, failure.Fault);
        Assert.Contains("867 tokens", failure.Message);
    }

    private static Trace Explained => new()
    {
        Request = Request,
        Response = "It was nobody.",
        Finish = TeacherFinish.Stop,
        Teacher = "expert",
    };

    private static TeacherRequest Practice(string question) => Request with
    {
        Query = Request.Query with { Id = question },
        Stage = TeacherRequest.PracticeStage,
        Hint = "It was nobody.",
    };

    [Fact]
    public async Task A_student_of_this_process_that_refuses_is_told_in_words_too_and_one_that_is_stopped_is_stopped()
    {
        using var busy = Answering(_ => throw new GenerationException(Failure.InvalidRequest, "no room for it."));
        var failure = await Assert.ThrowsAsync<CommandException>(() => busy.PractiseAsync(Request, 1, Cancelled));
        Assert.Equal("the student at host:1 says: no room for it", failure.Message);

        using var stop = new CancellationTokenSource();
        using var stopped = Answering(_ =>
        {
            stop.Cancel();
            throw new RpcException(new Status(StatusCode.Cancelled, "Call canceled."));
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped.PractiseAsync(Request, 1, stop.Token));
    }

    private static ServedStudent Answering(Func<Prompt, GeneratedAnswer> answer, Func<string, string, double>? loss = null)
    {
        var student = new ServedStudent(100, TimeProvider.System);
        student.Ask(new Generator(answer), new Scorer(loss ?? ((_, _) => 1)));
        return student;
    }

    private sealed class Generator(Func<Prompt, GeneratedAnswer> answer) : ITextGenerator
    {
        public string Name => "host:1";

        public Task<GeneratedAnswer> GenerateAsync(Prompt prompt, CancellationToken cancellationToken) => Task.FromResult(answer(prompt));
    }

    private sealed class Scorer(Func<string, string, double> loss) : ITextScorer
    {
        public string Name => "host:1";

        public Task<AnswerLoss> LossAsync(Prompt prompt, string answer, CancellationToken cancellationToken) =>
            Task.FromResult(new AnswerLoss(loss(prompt.Text, answer), 1, "3"));
    }
}
