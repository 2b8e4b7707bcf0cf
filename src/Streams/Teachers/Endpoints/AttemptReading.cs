using System.Globalization;
using System.Net.Http;
using Microsoft.Extensions.AI;

namespace Orca.Streams.Teachers.Endpoints;

/// <summary>
/// The one place where what a chat client returned or threw becomes an <see cref="Attempt"/>: our own client's as it was read, any other
/// provider's by what its response or exception tells.
/// </summary>
internal static class AttemptReading
{
    /// <summary>The attempt that a response is.</summary>
    public static Attempt Of(ChatResponse response) => response.RawRepresentation as Attempt ?? OfForeign(response);

    /// <summary>The attempt that an exception is.</summary>
    public static Attempt Of(Exception failure) => failure switch
    {
        ChatCallException call => call.Attempt,
        _ when StatusIn(failure) is { } status => ChatFaults.Of(status, failure.Message) with { Exception = failure },
        _ => new Attempt(AttemptKind.Broken)
        {
            Fault = TeacherFault.Temporary,
            Message = $"failed ({failure.GetBaseException().Message})",
            IsReached = failure is not HttpRequestException,
            IsLost = true,
            Exception = failure,
        },
    };

    /// <summary>The attempt that ended because no answer came in its time.</summary>
    public static Attempt TimedOut(TimeSpan timeout) => new(AttemptKind.TimedOut)
    {
        Fault = TeacherFault.Temporary,
        Message = string.Create(CultureInfo.InvariantCulture, $"gave no answer within {timeout.TotalSeconds:0.###} s"),
        IsLost = true,
    };

    /// <summary>The response in which our own client hands an answer on.</summary>
    public static ChatResponse ResponseOf(Attempt answer)
    {
        var message = new ChatMessage(ChatRole.Assistant, answer.Text);
        if (answer.Reasoning.Length > 0)
        {
            message.Contents.Insert(0, new TextReasoningContent(answer.Reasoning));
        }

        return new ChatResponse(message)
        {
            RawRepresentation = answer,
            FinishReason = answer.Kind switch
            {
                AttemptKind.Truncated => ChatFinishReason.Length,
                AttemptKind.Filtered or AttemptKind.Refused => ChatFinishReason.ContentFilter,
                AttemptKind.ToolCall => ChatFinishReason.ToolCalls,
                _ => ChatFinishReason.Stop,
            },
            Usage = new UsageDetails
            {
                InputTokenCount = answer.PromptTokens,
                OutputTokenCount = answer.CompletionTokens,
                TotalTokenCount = answer.PromptTokens + answer.CompletionTokens,
            },
        };
    }

    private static Attempt OfForeign(ChatResponse response)
    {
        var contents = response.Messages.SelectMany(message => message.Contents).ToList();
        var refusal = contents.OfType<ErrorContent>().FirstOrDefault()?.Message ?? "";
        var (kind, finish) = response.FinishReason switch
        {
            { } reason when reason == ChatFinishReason.Length => (AttemptKind.Truncated, TeacherFinish.Length),
            { } reason when reason == ChatFinishReason.ContentFilter => (AttemptKind.Filtered, TeacherFinish.Filtered),
            { } reason when reason == ChatFinishReason.ToolCalls => (AttemptKind.ToolCall, TeacherFinish.Unknown),
            _ => (AttemptKind.Answered, TeacherFinish.Stop),
        };
        var (tagged, text) = ReasoningTags.Split(response.Text);
        var isBare = string.IsNullOrWhiteSpace(text);
        (kind, finish) = isBare && refusal.Length > 0 ? (AttemptKind.Refused, TeacherFinish.Filtered)
            : isBare && contents.OfType<FunctionCallContent>().Any() ? (AttemptKind.ToolCall, TeacherFinish.Unknown)
            : isBare && kind == AttemptKind.Answered ? (AttemptKind.Empty, finish)
            : (kind, finish);
        return new Attempt(kind)
        {
            Text = kind == AttemptKind.Refused ? refusal : text,
            Reasoning = string.Concat(contents.OfType<TextReasoningContent>().Select(content => content.Text)) + tagged,
            Finish = finish,
            PromptTokens = Count(response.Usage?.InputTokenCount),
            CompletionTokens = Count(response.Usage?.OutputTokenCount),
        };
    }

    private static int Count(long? tokens) => (int)Math.Clamp(tokens ?? 0, 0, int.MaxValue);

    // Providers' exceptions have no common type, but tell the reply's status in a property of one of these names.
    private static int? StatusIn(Exception failure)
    {
        foreach (var name in (string[])["StatusCode", "Status"])
        {
            var status = failure.GetType().GetProperty(name)?.GetValue(failure) switch
            {
                int number => number,
                Enum code => Convert.ToInt32(code, CultureInfo.InvariantCulture),
                _ => 0,
            };
            if (status is >= 300 and < 600)
            {
                return status;
            }
        }

        return failure.InnerException is { } inner ? StatusIn(inner) : null;
    }
}
