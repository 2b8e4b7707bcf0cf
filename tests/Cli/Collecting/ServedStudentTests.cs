using Grpc.Core;
using Orca.Cli.Collecting;
using Orca.Cli.Commands;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Subjects;
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
        student.Follow(new Generator(_ => new GeneratedAnswer("Nobody.", "3")), loading.Task);

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

    private static ServedStudent Answering(Func<Prompt, GeneratedAnswer> answer)
    {
        var student = new ServedStudent(100, TimeProvider.System);
        student.Ask(new Generator(answer));
        return student;
    }

    private sealed class Generator(Func<Prompt, GeneratedAnswer> answer) : ITextGenerator
    {
        public string Name => "host:1";

        public Task<GeneratedAnswer> GenerateAsync(Prompt prompt, CancellationToken cancellationToken) => Task.FromResult(answer(prompt));
    }
}
