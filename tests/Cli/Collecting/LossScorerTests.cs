using Grpc.Core;
using Orca.Cli.Collecting;
using Orca.Cli.Commands;
using Orca.Evaluation.Protocols;
using Orca.Evaluation.Subjects;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Cli.Tests.Collecting;

public sealed class LossScorerTests
{
    private static readonly Trace Answer = new()
    {
        Request = new TeacherRequest
        {
            Query = new TaskQuery { Id = "q", Collection = "c", Task = "t", Prompt = "Who came?" },
            SystemMessage = "",
            Stage = "expert",
        },
        Response = "Nobody.",
        Finish = TeacherFinish.Stop,
        Teacher = "t",
    };

    [Theory]
    [InlineData(StatusCode.InvalidArgument, "input has 867 tokens; the context holds 512",
        "the student at host:1 says: input has 867 tokens; the context holds 512.")]
    [InlineData(StatusCode.Unavailable, "The server stops.",
        "no student answers at host:1 any more; answers go without until it is started again.")]
    [InlineData(StatusCode.Internal, "Error starting gRPC call. HttpRequestException: The HTTP/2 server didn't respond to a ping request",
        "no student answers at host:1 any more; answers go without until it is started again.", true)]
    public async Task Why_a_student_tells_no_loss_is_told_in_a_sentence(
        StatusCode code, string detail, string expected, bool isBroken = false)
    {
        using var scorer = new LossScorer();
        scorer.Follow(new FailingStudent(new Status(code, detail, isBroken ? new IOException() : null)), Task.CompletedTask);

        var failure = await Assert.ThrowsAsync<CommandException>(
            async () => await scorer.ScoreAsync(Answer, [Answer], TestContext.Current.CancellationToken));

        Assert.Equal(expected, failure.Message);
    }

    private sealed class FailingStudent(Status status) : ITextScorer
    {
        public string Name => "host:1";

        public Task<AnswerLoss> LossAsync(Prompt prompt, string answer, CancellationToken cancellationToken) =>
            throw new RpcException(status);
    }
}
