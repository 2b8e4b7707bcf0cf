using System.Collections.Frozen;
using System.Globalization;
using Orca.Cli.Teacher.Faults;

namespace Orca.Cli.Teacher;

/// <summary>Answers chat requests: refused, throttled, queued, answered late, broken on the way, and booked.</summary>
/// <param name="models">The models by name.</param>
/// <param name="callers">Who may call.</param>
/// <param name="books">Where every call is entered.</param>
/// <param name="faults">What goes wrong now.</param>
/// <param name="seed">Decides every draw.</param>
/// <param name="time">The endpoint's clock.</param>
internal sealed class ChatService(
    FrozenDictionary<string, ServedModel> models, Callers callers, Books books, Func<FaultRules> faults, long seed, ScaledTime time)
{
    private readonly QuestionTurns _turns = new();
    private long _calls;

    /// <summary>Answers one call.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        if (await ReadAsync(context) is not var (caller, model, request))
        {
            return;
        }

        var (key, name) = (caller.Name, model.Settings.Name);
        var draw = new Draw(seed, request.Question, _turns.Next(name, request.Question));
        books.Enter(key, name, isBatch: false, row => row with { Calls = row.Calls + 1 });
        var fault = faults().Next(request, draw, Interlocked.Increment(ref _calls) - 1);
        if (fault is { Kind: RefusedCall refused })
        {
            books.Enter(key, name, isBatch: false, row => row with { Failed = row.Failed + 1 });
            await refused.Reply(request, time.Outside(fault.Value.Pause)).WriteAsync(context);
            return;
        }

        if (books.OwedBy(key) >= caller.Credit)
        {
            books.Enter(key, name, isBatch: false, row => row with { Failed = row.Failed + 1 });
            await Refusals.NoCredit.WriteAsync(context);
            return;
        }

        var answer = await model.Solver.AnswerAsync(request, draw.Turn);
        var quota = model.QuotaOf(key).Take(request.PromptTokens + answer.Tokens);
        QuotaHeaders.Write(context.Response.Headers, quota, time);
        if (quota.Lacking is not null)
        {
            books.Enter(key, name, isBatch: false, row => row with { Throttled = row.Throttled + 1 });
            await QuotaHeaders.Of(quota, model.Settings, time).WriteAsync(context);
            return;
        }

        await WorkAsync(new Work(context, key, model, request, answer, draw, fault?.Kind));
    }

    private async Task<(TeacherKey Caller, ServedModel Model, ChatRequest Request)?> ReadAsync(HttpContext context)
    {
        if (callers.Find(context.Request) is not { } caller)
        {
            await Refusals.WrongKey.WriteAsync(context);
            return null;
        }

        var (request, fault) = ChatRequest.Read(await BodyAsync(context));
        if (request is null)
        {
            await Refusal.Of(400, fault!, "invalid_request_error", null).WriteAsync(context);
            return null;
        }

        if (!models.TryGetValue(request.Model, out var model) || !(caller.Models.IsEmpty || caller.Models.Contains(request.Model)))
        {
            await Refusals.NoModel(request.Model).WriteAsync(context);
            return null;
        }

        return (caller, model, request);
    }

    // Whoever leaves the queue owes nothing; who leaves later, or is cut off, owes for an answer that is lost.
    private async Task WorkAsync(Work work)
    {
        var aborted = work.Context.RequestAborted;
        try
        {
            await work.Model.EnterAsync(aborted);
        }
        catch (OperationCanceledException)
        {
            Enter(work, row => row with { Failed = row.Failed + 1 });
            return;
        }

        var price = work.Model.Settings.PriceOf(work.Request.PromptTokens, work.Answer.Tokens);
        try
        {
            Enter(work, row => row.PlusAnswer(work.Request.PromptTokens, work.Answer.Tokens, price));
            await work.Model.BeginAsync(work.Draw, aborted);
            await SendAsync(work, aborted);
            if (work.Fault is BrokenReply { IsLost: true })
            {
                Enter(work, row => row.MinusLost(price));
            }
        }
        catch (Exception left) when (left is OperationCanceledException or IOException)
        {
            Enter(work, row => row.MinusLost(price));
        }
        finally
        {
            work.Model.Leave();
        }
    }

    private void Enter(Work work, Func<BookRow, BookRow> change) =>
        books.Enter(work.Key, work.Model.Settings.Name, isBatch: false, change);

    private async Task SendAsync(Work work, CancellationToken aborted)
    {
        var (context, request, tokens) = (work.Context, work.Request, work.Answer.Tokens);
        var id = string.Create(CultureInfo.InvariantCulture, $"chatcmpl-{Guid.NewGuid():N}");
        var completion = Reply.CompletionOf(id, request.Model, work.Answer, request.PromptTokens, DateTimeOffset.UtcNow);
        (work.Fault as ChangedAnswer)?.Change(completion);
        var reply = new Reply(completion, request.Stream, request.IncludeUsage);
        if (work.Fault is BrokenReply broken)
        {
            await work.Model.MakeAsync(tokens, aborted);
            await broken.SendAsync(reply, context, aborted);
        }
        else if (!request.Stream)
        {
            await work.Model.MakeAsync(tokens, aborted);
            (context.Response.ContentType, context.Response.ContentLength) = (reply.Type, reply.Body.Length);
            await context.Response.Body.WriteAsync(reply.Body, aborted);
        }
        else
        {
            context.Response.ContentType = reply.Type;
            string[] pieces = [.. reply.Pieces()];
            foreach (var piece in pieces)
            {
                await work.Model.MakeAsync((double)tokens / pieces.Length, aborted);
                await context.Response.WriteAsync(piece, aborted);
                await context.Response.Body.FlushAsync(aborted);
            }
        }
    }

    private static async Task<byte[]> BodyAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }

    private sealed record Work(
        HttpContext Context, string Key, ServedModel Model, ChatRequest Request, SolvedAnswer Answer, Draw Draw, FaultKind? Fault);
}
