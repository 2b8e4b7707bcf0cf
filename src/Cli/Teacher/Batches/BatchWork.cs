using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Orca.Cli.Teacher.Faults;

namespace Orca.Cli.Teacher.Batches;

/// <summary>Answers the requests of batches: the same answers as by themselves, at the price of batches.</summary>
/// <param name="models">The models by name.</param>
/// <param name="faults">What goes wrong now. Replies cannot break on their way here; everything else can happen.</param>
/// <param name="books">Where every answer is entered.</param>
/// <param name="seed">Decides every draw.</param>
/// <param name="time">The endpoint's clock.</param>
internal sealed class BatchWork(
    FrozenDictionary<string, ServedModel> models, Func<FaultRules> faults, Books books, long seed, ScaledTime time)
{
    private readonly QuestionTurns _turns = new();
    private long _calls;

    /// <summary>Answers one line.</summary>
    /// <returns>The status, 200 where there is an answer, and the body.</returns>
    public async Task<(int Status, JsonNode? Body)> AnswerAsync(BatchLine line)
    {
        var request = line.Request;
        if (!models.TryGetValue(request.Model, out var model))
        {
            return BodyOf(Refusals.NoModel(request.Model));
        }

        var draw = new Draw(seed, request.Question, _turns.Next(request.Model, request.Question));
        var fault = faults().Next(request, draw, Interlocked.Increment(ref _calls) - 1);
        if (fault is { Kind: RefusedCall refused })
        {
            return BodyOf(refused.Reply(request, time.Outside(fault.Value.Pause)));
        }

        var id = string.Create(CultureInfo.InvariantCulture, $"chatcmpl-{Guid.NewGuid():N}");
        var answer = await model.Solver.AnswerAsync(request, TurnOf(line));
        var completion = Reply.CompletionOf(id, request.Model, answer, request.PromptTokens, DateTimeOffset.UtcNow);
        (fault?.Kind as ChangedAnswer)?.Change(completion);
        return (StatusCodes.Status200OK, completion);
    }

    /// <summary>Enters a written line of answers into the books.</summary>
    /// <param name="owner">Who owes for it.</param>
    /// <param name="line">The line's request.</param>
    /// <param name="isAnswered">Whether it was answered.</param>
    public async Task EnterAsync(string owner, BatchLine line, bool isAnswered)
    {
        var request = line.Request;
        if (!models.TryGetValue(request.Model, out var model))
        {
            return;
        }

        // The tokens are those of the answer as it was made, whatever became of its form.
        var tokens = isAnswered ? (await model.Solver.AnswerAsync(request, TurnOf(line))).Tokens : 0;
        var price = model.Settings.PriceOf(request.PromptTokens, tokens) * model.Settings.BatchPriceShare;
        books.Enter(owner, request.Model, isBatch: true, row =>
        {
            var called = row with { Calls = row.Calls + 1 };
            return isAnswered ? called.PlusAnswer(request.PromptTokens, tokens, price) : called with { Failed = called.Failed + 1 };
        });
    }

    // The books are made again from the lines: the same line has the same answer, another of the same question another.
    private static int TurnOf(BatchLine line) =>
        BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(line.CustomId))) & int.MaxValue;

    private static (int Status, JsonNode? Body) BodyOf(Refusal refusal) => refusal.Type == "application/json" && refusal.Body.Length > 0
        ? (refusal.Status, JsonNode.Parse(refusal.Body))
        : (refusal.Status, JsonValue.Create(refusal.Body));
}
