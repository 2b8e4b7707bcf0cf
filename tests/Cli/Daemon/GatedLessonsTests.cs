using System.Threading.Channels;
using Orca.Cli.Daemon;
using Orca.Streams.Curricula.Lessons;

namespace Orca.Cli.Tests.Daemon;

public sealed class GatedLessonsTests
{
    private static readonly Lesson Lesson = new()
    {
        RequestId = "r",
        Stage = "s",
        Collection = "c",
        Task = "t",
        PromptTokens = [1],
        AnswerTokens = [2],
    };

    [Fact]
    public async Task Nothing_passes_before_the_gate_opens_and_everything_after()
    {
        var lessons = Channel.CreateUnbounded<Lesson>();
        var gate = new TaskCompletionSource();
        var gated = new GatedLessons(lessons.Reader, gate.Task);
        lessons.Writer.TryWrite(Lesson);
        Assert.False(gated.TryRead(out _));
        var waiting = gated.WaitToReadAsync().AsTask();
        Assert.False(waiting.IsCompleted);

        gate.SetResult();
        Assert.True(await waiting);
        Assert.True(gated.TryRead(out var lesson));
        Assert.Same(Lesson, lesson);
    }

    [Fact]
    public async Task Who_waits_at_the_gate_can_give_up()
    {
        var gated = new GatedLessons(Channel.CreateUnbounded<Lesson>().Reader, new TaskCompletionSource().Task);
        using var cancelled = new CancellationTokenSource();
        var waiting = gated.WaitToReadAsync(cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
